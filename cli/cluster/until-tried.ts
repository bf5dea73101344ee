import { setTimeout as sleep } from 'node:timers/promises'
import type { Lists } from '../../server/lists.ts'

/** A list of 15,000 Nodes takes seconds. What is not read by then is unknown, and is called so. */
const READ_MS = 20_000
const LOOK_MS = 20

/** Starts the lists. Resolves once each of them was read, or could not be. */
export async function untilTried(lists: Pick<Lists, 'start' | 'tried'>): Promise<void> {
  const late = performance.now() + READ_MS
  lists.start()
  while (!lists.tried() && performance.now() < late) await sleep(LOOK_MS)
}
