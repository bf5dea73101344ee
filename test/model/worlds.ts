/** The small worlds: each has who and what it takes for one kind of trouble, and all that can happen there. */
import type { Spec } from './spec.ts'
import { budgets } from './worlds/budgets.ts'
import { holders } from './worlds/holders.ts'
import { newcomers } from './worlds/newcomers.ts'
import { whole } from './worlds/whole.ts'

export const worlds: Readonly<Record<string, Spec>> = {
  ...newcomers,
  ...budgets,
  ...holders,
  ...whole,
}
