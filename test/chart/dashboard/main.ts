/** `npm run dashboard`: a real run of two minutes, and docs/dashboard.svg as the dashboard shows it. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathOf } from '../prometheus.ts'
import { leaderDies, telling } from './acts.ts'
import { draw } from './picture.ts'
import { faultsOf } from './readings.ts'
import { run } from './run.ts'

const PICTURE = 'docs/dashboard.svg'
/** The Lease of a dead leader lasts 15 s: in the last lull, which is three times as long, the other pod leads. */
const PLOT = { acts: [...telling, leaderDies], scrapeSeconds: 2, holdMs: 5_000, lullMs: 10_000 }

const say = (line: string): boolean => process.stderr.write(`dashboard: ${line}\n`)

// Without it all that comes before would be in vain.
pathOf('prometheus')
say('starting a control plane, two pods and Prometheus')
const pictured = await run(PLOT, ({ title }) => say(title))
const faults = faultsOf(pictured.readings)
for (const fault of faults) say(fault)
if (faults.length > 0) {
  process.exitCode = 1
} else {
  const svg = draw(pictured)
  await writeFile(join(import.meta.dirname, '../../..', PICTURE), svg)
  say(`${PICTURE}: ${pictured.readings.length} panels, ${Math.ceil(svg.length / 1_024)} KiB`)
}
