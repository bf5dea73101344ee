import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import project from '../../package.json' with { type: 'json' }
import { type Artifact, artifacts } from './artifacts.ts'
import { newestRelease } from './changelog.ts'
import { derivedFiles, disagreements } from './derived.ts'
import { checkout, originOf, reasonsNotToPublish } from './origin.ts'
import { sha256 } from './provenance.ts'
import { differences } from './rebuild.ts'

/** `npm run release`: see docs/releasing.md. */
const root = join(import.meta.dirname, '..', '..')
const { values: given } = parseArgs({
  options: {
    'dry-run': { type: 'boolean', default: false },
    verify: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    registry: { type: 'string' },
    output: { type: 'string', default: join(root, 'dist', 'release') },
  },
})

const say = (line: string): boolean => process.stdout.write(`${line}\n`)

process.exitCode = given.write ? await writeDerived() : await release()

async function writeDerived(): Promise<number> {
  for (const { path, content } of await derivedFiles(root)) await writeFile(join(root, path), content)
  return 0
}

async function release(): Promise<number> {
  const stale = await disagreements(root)
  if (stale.length > 0) return refuse('what is said twice differs', stale)
  const { version } = project
  const registry = given.registry ?? null
  const here = await checkout(root)
  const newest = newestRelease(await readFile(join(root, 'CHANGELOG.md'), 'utf8'))
  const reasons = reasonsNotToPublish({ version, registry, newest, checkout: here, environment: process.env })
  if (!given['dry-run'] && reasons.length > 0) return refuse('not published', reasons)
  const date = Number(process.env['SOURCE_DATE_EPOCH'] ?? here.committed)
  const made = await artifacts(root, { version, registry, date, origin: originOf(here, process.env) })
  await writeArtifacts(made)
  tell(made, reasons)
  return given.verify ? await verify(made, date) : 0
}

async function writeArtifacts(made: readonly Artifact[]): Promise<void> {
  await rm(given.output, { recursive: true, force: true })
  await mkdir(given.output, { recursive: true })
  for (const { name, content } of made) await writeFile(join(given.output, name), content)
}

function tell(made: readonly Artifact[], reasons: readonly string[]): void {
  const width = Math.max(...made.map(({ name }) => name.length))
  say(`${'artifact'.padEnd(width)}  ${'bytes'.padStart(11)}  sha256        goes to`)
  for (const { name, content, destination } of made) {
    const bytes = content.length.toLocaleString('en').padStart(11)
    say(`${name.padEnd(width)}  ${bytes}  ${sha256(content).slice(0, 12)}  ${destination}`)
  }
  say(`written to ${given.output}; nothing was published`)
  for (const reason of reasons) say(`would not be published: ${reason}`)
}

async function verify(made: readonly Artifact[], date: number): Promise<number> {
  const registry = given.registry === undefined ? [] : ['--registry', given.registry]
  const args = ['--dry-run', ...registry]
  const differing = await differences(made, { root, environment: process.env, args, date })
  if (differing.length > 0) return refuse('a second build differs', differing)
  say(`a second build elsewhere gave the same ${made.length} files, byte for byte`)
  return 0
}

function refuse(what: string, reasons: readonly string[]): number {
  process.stderr.write(`${what}:\n${reasons.map((reason) => `  ${reason}\n`).join('')}`)
  return 1
}
