import { setTimeout as sleep } from 'node:timers/promises'
import type { Api, Clock, Log } from '../ports.ts'
import type { Lifetimes } from './authority.ts'
import type { proveHandshake } from './handshake.ts'
import { Keeper } from './self-signed-keeper.ts'

export interface SelfSignedOptions {
  readonly api: Api
  readonly clock: Clock
  readonly log: Log
  /** The Secret that all replicas share; it exists, and is theirs to fill. */
  readonly secret: { readonly namespace: string; readonly name: string }
  /** The ValidatingWebhookConfiguration whose caBundle is ours. */
  readonly webhook: string
  /** DNS names and addresses that API servers call us by, at least one. */
  readonly names: readonly string[]
  /** Takes a certificate and its key (PEM) into service: the first one, and every later one. */
  readonly install: (serving: { readonly cert: string; readonly key: string }) => void
  /** Told after each look at the Secret and the webhook: whether all was well in the end. */
  readonly looked?: (well: boolean) => void
  readonly lifetimes?: Lifetimes
  /** How a certificate is proven before it is served; `proveHandshake` unless a test has its own time. */
  readonly prove?: typeof proveHandshake
  readonly pollMs?: number
  readonly settleMs?: number
}

export interface SelfSigned {
  /** Why this replica serves nothing that API servers could verify, or null: for readiness. Needs no API server. */
  unready(): string | null
  /** What keeps the last look from being all well, or null: for record. */
  problem(): string | null
  /** When the certificate in service ends, in milliseconds since the epoch; null before there is one. */
  expiresAt(): number | null
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
    expiresAt: () => keeper.serving?.leaf.notAfter ?? null,
    stop: () => {
      ending.abort()
      return done
    },
  }
}

async function keepOn(keeper: Keeper, pollMs: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const settled = await keeper.settle()
    const pause = settled ? pollMs : Math.min(pollMs, RETRY_MS)
    // up to a fifth longer, so that replicas do not stay in step
    await sleep(pause * (1 + Math.random() / 5), undefined, { signal }).catch(() => undefined)
  }
}
