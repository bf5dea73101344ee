/** Plays what happens, act by act. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Act } from './acts.ts'
import type { Scene } from './scene.ts'

export interface Plot {
  readonly acts: readonly Act[]
  readonly scrapeSeconds: number
  readonly holdMs: number
  /** Before, between and after acts, when all is well. */
  readonly lullMs: number
}

/** When an act began, in milliseconds since the epoch. */
export interface Played {
  readonly title: string
  readonly at: number
}

export async function playAll(
  scene: Scene,
  { acts, holdMs, lullMs }: Plot,
  tell: (played: Played) => void,
): Promise<readonly Played[]> {
  const all: Played[] = []
  for (const { title, play } of acts) {
    await sleep(lullMs)
    const played = { title, at: Date.now() }
    all.push(played)
    tell(played)
    await play(scene, holdMs)
  }
  await sleep(3 * lullMs)
  return all
}
