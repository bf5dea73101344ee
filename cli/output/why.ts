import type { Why } from '../../policies/belonging.ts'
import type { Tone } from './style.ts'

export const whyTones: Readonly<Record<Why, Tone>> = {
  ownName: 'good',
  grantedAndSeen: 'good',
  answersNow: 'good',
  vouched: 'good',
  told: 'warning',
  unproven: 'warning',
  notKnown: 'warning',
  notItsOwn: 'bad',
}
