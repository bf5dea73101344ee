import { setTimeout as sleep } from 'node:timers/promises'
import { Keeper, type SelfSignedOptions } from './self-signed-keeper.ts'

export interface SelfSigned {
  /** Why this replica has no certificate that API servers can verify, or null. For readiness. Makes no API calls. */
  unready(): string | null
  /** The problem that the last reconciliation ended with, or null. */
  problem(): string | null
  /** Stops after the current reconciliation. */
  stop(): Promise<void>
}

/** A reconciliation without changes is two GETs by name: 8 GETs a minute per replica. */
const POLL_MS = 15_000
/** Interval while there is a problem, or after two replicas collided. */
const RETRY_MS = 2_000

/**
 * Maintains a CA and a serving certificate in a Secret, and the CA in the webhook's caBundle. Rotates both in time.
 * Every replica runs this without a leader: a write with an old resourceVersion is refused, and that replica reads the
 * state again.
 */
export function startSelfSigned(options: SelfSignedOptions): SelfSigned {
  const ending = new AbortController()
  const keeper = new Keeper(options)
  const done = keepOn(keeper, options.pollMs ?? POLL_MS, ending.signal)
  return {
    unready: () => keeper.unready(),
    problem: () => keeper.problem,
    stop: () => {
      ending.abort()
      return done
    },
  }
}

async function keepOn(keeper: Keeper, pollMs: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const done = await keeper.reconcile()
    const pause = done ? pollMs : Math.min(pollMs, RETRY_MS)
    // Up to 20 % longer, so that replicas do not run at the same time.
    await sleep(pause * (1 + Math.random() / 5), undefined, { signal }).catch(() => undefined)
  }
}
