/** A day of each kind of installation in which all is well. */
import { mock } from 'node:test'
import { alertsIn, groupsOf, type Series, testRules } from '../alert-rules.ts'
import { DAY, type Faults, type Installation, liveADay } from './installation.ts'
import { Recorder } from './recorder.ts'
import { surround } from './surroundings.ts'

export const installations = {
  split: { topology: 'split', mode: 'enforce' },
  single: { topology: 'single', mode: 'enforce' },
  'webhook-only': { topology: 'webhookOnly', mode: 'enforce' },
  'controller-only': { topology: 'controllerOnly', mode: 'enforce' },
  dryRun: { topology: 'split', mode: 'dryRun' },
  'approve-only': { topology: 'split', mode: 'approveOnly' },
} as const satisfies Readonly<Record<string, Installation>>

export const valuesOf = ({ topology }: Installation) => ({
  profile: topology === 'single' ? 'hostNetwork' : 'cluster',
  webhook: { enabled: topology !== 'controllerOnly' },
  controller: { enabled: topology !== 'webhookOnly' },
})

export const central = await groupsOf({}, { ruler: 'central' })
const asked = new Set(
  alertsIn(central).flatMap(({ expr }) =>
    [...expr.matchAll(/([a-z_][a-z0-9_]*)\{/gu)].map(([, name = '']) => name),
  ),
)

/** A day of an installation in a cluster of its own. */
export async function dayOf(installation: Installation, faults: Faults = {}): Promise<Series> {
  const to = new Recorder(asked)
  mock.timers.enable({ apis: ['Date'], now: 0 })
  try {
    const setMinute = (minute: number): void => mock.timers.setTime(minute * 60_000)
    await liveADay(installation, { to, setMinute, faults })
  } finally {
    mock.timers.reset()
  }
  surround(to, installation.topology !== 'controllerOnly')
  return to.series()
}

const expr = 'count by (alertname, cluster) (count_over_time(ALERTS{alertstate="firing"}[1d]))'
/** Rejects with the alerts that fired within the day. */
export const isSilent = (groups: typeof central, series: Series): Promise<void> =>
  testRules(groups, series, { promql_expr_test: [{ expr, eval_time: `${DAY}m`, exp_samples: [] }] })
