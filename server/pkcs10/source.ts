import type { Fault } from '../../policies/types.ts'
import { type Element, readElement } from '../der/read.ts'
import { type Budget, MAX_ELEMENTS } from '../der/scan.ts'

/** A request being read: its octets, and how many elements it may still have. */
export interface Source {
  readonly der: Uint8Array
  readonly budget: Budget
}

export const sourceOf = (der: Uint8Array): Source => ({ der, budget: { elements: MAX_ELEMENTS } })

export const readWhole = ({ der, budget }: Source): Element | Fault =>
  readElement(der, { from: 0, to: der.length, depth: 1 }, budget)

/** DER inside a string of octets: an extension's value, an RSA key. `skip` octets of the content come before it. */
export const readInside = ({ der, budget }: Source, outer: Element, skip = 0): Element | Fault =>
  readElement(
    der,
    { from: outer.end - outer.content.length + skip, to: outer.end, depth: outer.depth + 1 },
    budget,
  )
