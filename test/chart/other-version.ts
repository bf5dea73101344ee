import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CHART } from './helm.ts'

/** A copy of the chart with another version, in a folder of its own below `directory`. Returns the folder. */
export async function otherVersion(directory: string, version: string): Promise<string> {
  const chart = join(directory, `chart-${version}`)
  await cp(CHART, chart, { recursive: true })
  const file = join(chart, 'Chart.yaml')
  const text = await readFile(file, 'utf8')
  await writeFile(file, text.replace(/^(version|appVersion): .*$/gm, `$1: ${version}`))
  return chart
}
