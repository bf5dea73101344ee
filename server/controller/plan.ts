import type { Settings } from '../../policies/settings.ts'
import type { Decision, Verdict } from '../../policies/types.ts'

/** What the controller does about a decision. */
export type Plan =
  | { readonly do: 'approve' }
  /** `limited`: only if the {@link DenialLimiter} allows it. `awaited`: a kubelet still waits for this CSR. */
  | { readonly do: 'deny'; readonly limited: boolean; readonly awaited: boolean }
  | { readonly do: 'leave'; readonly until: 'changed' | 'rechecked' | 'known' | 'mended' }

export interface Circumstances {
  readonly settings: Pick<Settings, 'mode' | 'denyStored' | 'patienceSeconds'>
  readonly webhookEnabled: boolean
  /** Milliseconds since the CSR was created, by the API server's clock. */
  readonly ageMs: number
}

/** What to do about a verdict. The modes `dryRun` and `approveOnly` only remove writes, and never add one. */
export function planFor(
  decision: Pick<Decision, 'verdict' | 'awaited' | 'retryAfterMs'>,
  now: Circumstances,
): Plan {
  return plans[decision.verdict](now, decision)
}

type Weighed = Pick<Decision, 'awaited' | 'retryAfterMs'>

const plans: Readonly<Record<Verdict, (now: Circumstances, decision: Weighed) => Plan>> = {
  approve: ({ settings }) =>
    settings.mode === 'dryRun' ? { do: 'leave', until: 'rechecked' } : { do: 'approve' },
  deny: ({ settings, webhookEnabled }) =>
    settings.mode === 'enforce' && (settings.denyStored ?? webhookEnabled)
      ? { do: 'deny', limited: false, awaited: true }
      : { do: 'leave', until: 'changed' },
  // A denied kubelet asks again with another CSR. That is of no use where this one passes after a while.
  notYet: ({ settings, ageMs }, { awaited, retryAfterMs }) =>
    settings.mode === 'enforce' && retryAfterMs === undefined && ageMs > settings.patienceSeconds * 1_000
      ? { do: 'deny', limited: true, awaited }
      : { do: 'leave', until: 'rechecked' },
  unknown: () => ({ do: 'leave', until: 'known' }),
  error: () => ({ do: 'leave', until: 'mended' }),
  ignore: () => ({ do: 'leave', until: 'changed' }),
}

/**
 * Whether the controller may still approve a CSR, by itself: facts are unknown, the approval has to be written, or it may
 * conform within the patience. False when only a change of the cluster or of the policy could have it approved.
 */
export function mayBeApproved(
  plan: Plan,
  { verdict, retryAfterMs }: Pick<Decision, 'verdict' | 'retryAfterMs'>,
  { settings, ageMs }: Pick<Circumstances, 'settings' | 'ageMs'>,
): boolean {
  if (plan.do !== 'leave') return plan.do === 'approve'
  if (plan.until !== 'rechecked') return plan.until !== 'changed'
  return verdict === 'notYet' && (retryAfterMs !== undefined || ageMs <= settings.patienceSeconds * 1_000)
}
