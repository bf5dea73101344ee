import { setTimeout as sleep } from 'node:timers/promises'
import { Keeper, type SelfSignedOptions } from './self-signed-keeper.ts'

export interface SelfSigned {
  /** Why this replica serves nothing that API servers could verify, or null: for readiness. Needs no API server. */
  unready(): string | null
  /** What keeps the last look from being all well, or null: for record. */
  problem(): string | null
  /** Ends after the step under way. */
  stop(): Promise<void>
}

/** A look costs two GETs by name: 8 a minute for each replica. */
const POLL_MS = 15_000
/** While something is amiss or two replicas collided. */
const RETRY_MS = 2_000

/**
 * Keeps a CA and a serving certificate in a Secret and the CA in the webhook's caBundle; rotates both in time.
 * Every replica runs it and none leads: a write that lost the race is refused by its resourceVersion, and the loser
 * looks again.
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
    // up to a fifth longer, so that replicas do not stay in step
    await sleep(pause * (1 + Math.random() / 5), undefined, { signal }).catch(() => undefined)
  }
}
