import type { Child } from './child.ts'
import { until } from './until.ts'

const POLL_MS = 50
const ANSWER_MS = 1_000

/** Waits until a process answers its probe with success; ends it and rejects with the end of its log when it does not. */
export async function untilReady(child: Child, probeUrl: string, withinMs: number): Promise<void> {
  try {
    await until(async () => child.ended() !== null || (await isOk(probeUrl)), probeUrl, withinMs, POLL_MS)
    if (child.ended() === null) return
  } catch {
    // reported below, with the end of its log
  }
  const ended = child.ended() ?? 'still running'
  await child.stop()
  throw new Error(`${child.name} is not ready (${ended}):\n${await child.tail()}`)
}

async function isOk(url: string): Promise<boolean> {
  try {
    const { ok } = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) })
    return ok
  } catch {
    return false
  }
}
