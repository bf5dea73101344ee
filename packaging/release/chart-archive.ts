import { cp, mkdtempDisposable, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { readTar, writeTar } from '../image/tar.ts'
import { newestRelease } from './changelog.ts'
import { goTool } from './go-tools.ts'
import { type Published, publishedChartFile, publishedReadme, publishedValues } from './published-chart.ts'

/** Of what is published. */
export interface ChartBuild {
  readonly image: PublishedImage
  /** `owner/name` on GitHub, where the runbooks of this version are; null leaves alerts without links to them. */
  readonly repository: string | null
  /** Seconds since the epoch. */
  readonly date: number
}

export interface PublishedImage {
  /** Such as `ghcr.io/owner`; null leaves the values as they are in the sources. */
  readonly registry: string | null
  /** `sha256:…` of the image index. */
  readonly digest: string
}

const NAME = 'kubelet-csr-gate'

/**
 * The chart as Helm packages it, every file dated `date` (seconds since the epoch). A published chart names the image
 * by digest, so whoever has verified the chart has verified the image too.
 */
export async function chartArchive(
  root: string,
  version: string,
  { image, repository, date }: ChartBuild,
): Promise<Uint8Array> {
  await using temporary = await mkdtempDisposable(join(tmpdir(), 'kubelet-csr-gate-chart-'))
  const folder = temporary.path
  const chart = join(folder, NAME)
  await cp(join(root, 'charts', NAME), chart, { recursive: true })
  const { changes } = newestRelease(await readFile(join(root, 'CHANGELOG.md'), 'utf8'))
  await publish(chart, { version, repository, changes, ...image })
  await goTool('helm', ['package', chart, '--destination', folder])
  const path = join(folder, `${NAME}-${version}.tgz`)
  const archive = gzipSync(await writeTar(await readTar(gunzipSync(await readFile(path))), date))
  await writeFile(path, archive)
  // fails where the archive is no chart. Without a registry, it renders for imported images only
  const imported = image.registry === null ? ['--set', 'image.pullPolicy=Never'] : []
  await goTool('helm', ['template', NAME, path, '--namespace', 'default', ...imported])
  return archive
}

async function publish(chart: string, published: Published): Promise<void> {
  for (const [name, change] of [
    ['values.yaml', publishedValues],
    ['Chart.yaml', publishedChartFile],
    ['README.md', publishedReadme],
  ] as const) {
    const path = join(chart, name)
    await writeFile(path, change(await readFile(path, 'utf8'), published))
  }
}
