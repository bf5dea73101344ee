import { isLeftToOthers } from '../../policies/evaluate.ts'
import type { Rules } from '../../policies/rules.ts'
import { pendingOf, type StoredCsr } from '../facts/stored-csr.ts'
import { unissuedOf } from '../facts/unissued.ts'
import type { Clock, Store } from '../ports.ts'
import type { MetricsRecorder } from '../report/recorder.ts'

interface Waiting {
  readonly csrs: Pick<Store<StoredCsr>, 'values'>
  /** Whether this replica may still approve a CSR; null: it never approves. */
  readonly isApprovable: ((csr: StoredCsr) => boolean) | null
  readonly rules: () => Rules
  readonly clock: Clock
}

/** Shows at each scrape how many CSRs wait for a decision, for this replica to approve them, and for the signer. */
export function countWaiting(metrics: MetricsRecorder, { csrs, isApprovable, rules, clock }: Waiting): void {
  const pending = (counts: (stored: StoredCsr) => boolean) =>
    pendingOf(csrs.values(), clock.serverNow(), counts)
  metrics.waitingFrom(
    () => pending(({ username }) => !isLeftToOthers(username, rules().settings)),
    () => unissuedOf(csrs.values(), clock.serverNow()),
  )
  if (isApprovable !== null) metrics.approvableFrom(() => pending(isApprovable))
}
