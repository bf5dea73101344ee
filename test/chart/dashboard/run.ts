/** A real run, from an empty cluster to what the dashboard shows of it. */
import { setTimeout as sleep } from 'node:timers/promises'
import { placed } from '../../../packaging/dashboard/dashboard.ts'
import { beginLife } from './life.ts'
import { playAll, type Played, type Plot } from './play.ts'
import { type Reading, readPanels } from './readings.ts'
import { openScene } from './scene.ts'

/** Rejects when the scene itself breaks, or an honest kubelet is left without a certificate. */
export async function run(
  plot: Plot,
  tell: (played: Played) => void = () => undefined,
): Promise<readonly Reading[]> {
  await using scene = await openScene(plot.scrapeSeconds)
  const life = await beginLife(scene.stage)
  await sleep(plot.lullMs)
  const step = plot.scrapeSeconds
  const start = lastMultiple(step)
  await playAll(scene, plot, tell)
  const end = lastMultiple(step)
  await life.end()
  const grid = placed()
  const panels = grid.filter((each) => each.type === 'timeseries')
  return readPanels(panels, scene.scraper, { start, end, step })
}

/** Steps of a range are whole multiples of their length, as Grafana's are. */
function lastMultiple(step: number): number {
  return Math.floor(Date.now() / 1_000 / step) * step
}
