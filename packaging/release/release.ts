import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import project from '../../package.json' with { type: 'json' }
import { sha256 } from '../digest.ts'
import { staleDocs } from '../docs/docs.ts'
import { released } from '../docs/released.ts'
import { type Artifact, artifacts } from './artifacts.ts'
import { newestRelease } from './changelog.ts'
import { checkout, reasonsNotToPublish } from './publishable.ts'
import { differences } from './rebuild.ts'

export interface ReleaseOptions {
  readonly dryRun: boolean
  readonly verify: boolean
  /** Such as `ghcr.io/owner`. */
  readonly registry: string | null
  /** Such as `owner/kubelet-csr-gate`, on GitHub. */
  readonly repository: string | null
  readonly output: string
}

export function defaultOutput(root: string): string {
  return join(root, 'dist', 'release')
}

/** `npm run release`: writes the files of a release, publishes nothing, and returns the exit code. See docs/releasing.md. */
export async function release(root: string, options: ReleaseOptions): Promise<number> {
  const { dryRun, verify, registry, repository, output } = options
  const { version } = project
  const { env: environment } = process
  const stale = await staleDocs(root)
  if (stale.length > 0) return refuse('stale, run npm run docs', stale)
  const sources = await checkout(root)
  const newest = newestRelease(await readFile(join(root, 'CHANGELOG.md'), 'utf8'))
  const reasons = reasonsNotToPublish({
    version,
    registry,
    repository,
    released,
    newest,
    checkout: sources,
    environment,
  })
  if (!dryRun && reasons.length > 0) return refuse('not to be published', reasons)
  const date = Number(environment['SOURCE_DATE_EPOCH'] ?? sources.committed)
  const made = await artifacts(root, { version, registry, repository, date })
  // no other folder is emptied
  if (output === defaultOutput(root)) await rm(output, { recursive: true, force: true })
  await mkdir(output, { recursive: true })
  for (const { name, content } of made) await writeFile(join(output, name), content)
  print([
    ...table(made),
    `written to ${output}; nothing was published`,
    ...reasons.map((reason) => `would not be published: ${reason}`),
  ])
  if (!verify) return 0
  const differing = await differences(made, { root, registry, repository, date })
  if (differing.length > 0) return refuse('a second build differs', differing)
  print([`a second build elsewhere gave the same ${made.length} files, byte for byte`])
  return 0
}

function table(made: readonly Artifact[]): readonly string[] {
  const width = Math.max(...made.map(({ name }) => name.length))
  const rows = made.map(({ name, content, destination }) => {
    const bytes = content.length.toLocaleString('en').padStart(11)
    return `${name.padEnd(width)}  ${bytes}  ${sha256(content).slice(0, 12)}  ${destination}`
  })
  return [`${'artifact'.padEnd(width)}  ${'bytes'.padStart(11)}  sha256        destination`, ...rows]
}

function print(lines: readonly string[]): void {
  for (const line of lines) process.stdout.write(`${line}\n`)
}

function refuse(what: string, reasons: readonly string[]): number {
  process.stderr.write(`${what}:\n${reasons.map((reason) => `  ${reason}\n`).join('')}`)
  return 1
}
