/** An umbrella chart, as users write one: two dependencies on this chart, each with an alias and a condition. */
import { cp, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import project from '../../package.json' with { type: 'json' }
import { type TemporaryDirectory, temporaryDirectory } from '../kit/directory.ts'
import { CHART } from './helm.ts'

const dependency = (alias: string): object => ({
  name: 'kubelet-csr-gate',
  version: project.version,
  alias,
  condition: `${alias}.enabled`,
})

/** Values with which only the first of both is rendered. */
export const firstOnly = { gate: { enabled: true }, second: { enabled: false } }

/** A folder with the chart, removed when disposed of. */
export async function umbrellaChart(): Promise<TemporaryDirectory> {
  const directory = await temporaryDirectory('umbrella')
  const chart = { apiVersion: 'v2', name: 'platform', version: '1.0.0' }
  const dependencies = ['gate', 'second'].map(dependency)
  await mkdir(join(directory.path, 'charts'))
  await cp(CHART, join(directory.path, 'charts', 'kubelet-csr-gate'), { recursive: true })
  // JSON is YAML
  await writeFile(join(directory.path, 'Chart.yaml'), JSON.stringify({ ...chart, dependencies }))
  const image = { registry: 'registry.example.com' }
  await writeFile(join(directory.path, 'values.yaml'), JSON.stringify({ gate: { image }, second: { image } }))
  return directory
}
