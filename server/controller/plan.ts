import type { Settings } from '../../policies/settings.ts'
import type { Decision, Verdict } from '../../policies/types.ts'

/** What a decision asks the controller to do. */
export type Plan =
  | { readonly do: 'approve' }
  /** `capped`: only while the cap on denials allows it. `awaited`: a kubelet still waits for the answer. */
  | { readonly do: 'deny'; readonly capped: boolean; readonly awaited: boolean }
  | { readonly do: 'leave'; readonly until: 'changed' | 'rechecked' | 'known' | 'mended' }

export interface Circumstances {
  readonly settings: Pick<Settings, 'mode' | 'denyStored' | 'patienceSeconds'>
  readonly webhookEnabled: boolean
  /** Milliseconds since the CSR was created, by the API server's clock. */
  readonly ageMs: number
}

/** The controller's column of the table of verdicts; the modes `audit` and `approveOnly` take writes away, never add one. */
export function planFor(
  { verdict, awaited }: Pick<Decision, 'verdict' | 'awaited'>,
  now: Circumstances,
): Plan {
  return plans[verdict](now, awaited)
}

const plans: Readonly<Record<Verdict, (now: Circumstances, awaited: boolean) => Plan>> = {
  approve: ({ settings }) =>
    settings.mode === 'audit' ? { do: 'leave', until: 'rechecked' } : { do: 'approve' },
  deny: ({ settings, webhookEnabled }) =>
    settings.mode === 'enforce' && (settings.denyStored ?? webhookEnabled)
      ? { do: 'deny', capped: false, awaited: true }
      : { do: 'leave', until: 'changed' },
  notYet: ({ settings, ageMs }, awaited) =>
    settings.mode === 'enforce' && ageMs > settings.patienceSeconds * 1_000
      ? { do: 'deny', capped: true, awaited }
      : { do: 'leave', until: 'rechecked' },
  unknown: () => ({ do: 'leave', until: 'known' }),
  error: () => ({ do: 'leave', until: 'mended' }),
  ignore: () => ({ do: 'leave', until: 'changed' }),
}
