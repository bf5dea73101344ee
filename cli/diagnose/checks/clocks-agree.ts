import { age } from '../../output/age.ts'
import { defineCheck } from '../check.ts'
import { STEP_CLOCK } from '../steps.ts'

/** The Date header has whole seconds. */
const DIFFERS_MS = 60_000
const SUBJECT = 'Clock of this machine'

export const clocksAgree = defineCheck({
  id: 'ClocksAgree',
  asks: 'The clock of this machine against the Date header of the API server.',
  kinds: {
    ClockDiffers: {
      severity: 'warning',
      means:
        'The clocks of this machine and of the API server differ. One of them is wrong, and certificates count by both.',
      fix: [{ on: 'the machine whose clock is wrong', run: STEP_CLOCK }],
    },
  },
  run: ({ clockAheadMs }) => {
    if (Math.abs(clockAheadMs) <= DIFFERS_MS)
      return [{ kind: 'ok', evidence: 'agrees with the clock of the API server', subject: SUBJECT }]
    const evidence = `it is ${age(Math.abs(clockAheadMs))} ${clockAheadMs > 0 ? 'ahead of' : 'behind'} the clock of the API server`
    return [{ kind: 'found', code: 'ClockDiffers', subject: SUBJECT, evidence }]
  },
})
