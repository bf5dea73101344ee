import { setTimeout as sleep } from 'node:timers/promises'
import { configMapsPath, type LedgerPlace, readShard } from '../../server/ledger/shard.ts'
import { claimOf } from '../../server/ledger/shard-text.ts'
import type { Session } from '../cluster/session.ts'

interface Waiting {
  readonly place: LedgerPlace
  /** The name of the ConfigMap with the annotation. */
  readonly configMap: string
  readonly values: readonly string[]
  /** Milliseconds. */
  readonly timeout: number
  readonly signal: AbortSignal
}

const LOOK_MS = 500
/** The ledger keeps whole seconds, and clocks differ by some. An earlier release of the same value is minutes old. */
const SLACK_MS = 5_000

/** Waits until the controller has written that it forgot who held the values. Resolves to whether it has. */
export async function untilApplied(session: Session, waiting: Waiting): Promise<boolean> {
  const { timeout, signal } = waiting
  const { clock } = session.cluster
  const [late, since] = [clock.monotonic() + timeout, clock.serverNow() - SLACK_MS]
  while (!signal.aborted) {
    if (await isApplied(session, waiting, since)) return true
    if (clock.monotonic() >= late) return false
    await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined)
  }
  return false
}

/** A call that fails is no answer, and is made again. */
async function isApplied(
  { cluster }: Session,
  { place, configMap, values }: Waiting,
  since: number,
): Promise<boolean> {
  const answer = await cluster.call({ method: 'GET', path: `${configMapsPath(place)}/${configMap}` })
  if (!answer.ok) return false
  const { reading } = readShard(answer.object)
  if (reading.kind !== 'whole') return false
  const released = new Set(reading.released.filter(({ at }) => at >= since).map(({ claim }) => claim))
  return values.every((value) => released.has(claimOf(value)))
}
