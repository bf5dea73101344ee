import { age } from '../../output/age.ts'
import { defineCheck, type Found, type Outcome } from '../check.ts'
import type { Leader } from '../facts.ts'
import { STEP_CLOCK } from '../steps.ts'
import { found, ifKnown, ok } from './outcomes.ts'

/** The Date header has whole seconds. */
const DIFFERS_MS = 60_000
const SIGNER = 'Clock of kube-controller-manager'

type Code = 'ClockDiffers' | 'SignerClockDiffers'

export const clocksAgree = defineCheck<Code>({
  id: 'ClocksAgree',
  subject: 'Clock of this machine',
  asks: 'The clocks of this machine, and of kube-controller-manager by its Lease, against that of the API server.',
  kinds: {
    ClockDiffers: {
      severity: 'warning',
      means:
        'The clocks of this machine and of the API server differ. One of them is wrong, and both decide whether a certificate is valid.',
      fix: [{ on: 'the machine whose clock is wrong', run: STEP_CLOCK }],
    },
    SignerClockDiffers: {
      severity: 'warning',
      means:
        'The clocks of kube-controller-manager and of the API server differ. If it is ahead by more than five minutes, new certificates are not valid yet when kubelets serve them. After you correct the clock, run doctor again: it lists those certificates.',
      fix: [{ on: 'MACHINE', run: STEP_CLOCK }],
    },
  },
  run: ({ clockAheadMs, leader }) => [
    outcomeOf(clockAheadMs, 'ClockDiffers'),
    ...ifKnown(leader, (known) => (known === null ? [] : [leaderOutcome(known)]), SIGNER),
  ],
})

/** Leader election adds a random part to the name of the machine (kubernetes cmd/kube-controller-manager). */
function leaderOutcome({ holder, clockAheadMs }: Leader): Outcome<Code> {
  const names = { MACHINE: holder.replace(/_[^_]*$/u, '') }
  return outcomeOf(clockAheadMs, 'SignerClockDiffers', { subject: SIGNER, names })
}

function outcomeOf(aheadMs: number, code: Code, about: Pick<Found, 'subject' | 'names'> = {}): Outcome<Code> {
  if (Math.abs(aheadMs) <= DIFFERS_MS) return ok('agrees with the clock of the API server', about.subject)
  const evidence = `it is ${age(Math.abs(aheadMs))} ${aheadMs > 0 ? 'ahead of' : 'behind'} the clock of the API server`
  return found(code, evidence, about)
}
