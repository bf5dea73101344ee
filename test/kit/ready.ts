import { setTimeout as sleep } from 'node:timers/promises'
import type { Child } from './child.ts'

const POLL_MS = 50
const ANSWER_MS = 1_000

/** Waits until a process answers its probe with success; ends it and rejects, with its last words, when it does not. */
export async function untilReady(child: Child, probeUrl: string, withinMs: number): Promise<void> {
  const deadline = performance.now() + withinMs
  while (!(await isOk(probeUrl))) {
    const ended = child.ended()
    if (ended !== null || performance.now() > deadline) {
      const tail = await child.tail()
      await child.stop()
      throw new Error(`${child.name} is not ready (${ended ?? 'still running'}):\n${tail}`)
    }
    await sleep(POLL_MS)
  }
}

async function isOk(url: string): Promise<boolean> {
  try {
    const { ok } = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) })
    return ok
  } catch {
    return false
  }
}
