import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CHART } from './helm.ts'

/**
 * A copy of the chart with another version, such as `9.9.9+0123456789ab`, in a folder of its own below `directory`. Flux appends a
 * digest like this one. Returns the folder.
 */
export async function otherVersion(directory: string, version: string): Promise<string> {
  const chart = join(directory, `chart-${version}`)
  await cp(CHART, chart, { recursive: true })
  const file = join(chart, 'Chart.yaml')
  const [appVersion = ''] = version.split('+')
  const text = await readFile(file, 'utf8')
  await writeFile(
    file,
    text
      .replace(/^version: .*$/m, `version: ${version}`)
      .replace(/^appVersion: .*$/m, `appVersion: ${appVersion}`),
  )
  return chart
}
