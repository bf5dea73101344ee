import { execFile } from 'node:child_process'
import { cp, mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import project from '../../package.json' with { type: 'json' }
import { resolveBinaries } from '../binaries/resolve.ts'
import { temporaryDirectory } from '../kit/directory.ts'
import type { Publication } from '../../packaging/release/artifacts.ts'
import { buildCrane } from '../../packaging/release/tools.ts'
import { type Registry, startRegistry } from './registry.ts'
import { standIns } from './stand-ins.ts'
import { jobOf, type Outputs, type Runner, runStep, type Step } from './steps.ts'

export interface Rehearsal extends AsyncDisposable {
  readonly registry: Registry
  /** As every step of the job sees it. */
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly publication: Publication
  /** A new copy of what the build made. */
  readonly workspace: (name: string) => Promise<string>
  readonly steps: readonly Step[]
  readonly outputs: Outputs
  /** How the stand-ins were called, in order. */
  readonly calls: readonly string[]
}

const root = join(import.meta.dirname, '..', '..')
const RELEASE_MS = 9 * 60_000
const WORKFLOW = join(root, '.github/workflows/release.yml')

/** Builds a release as the building job does, but one that nobody asked for, and publishes it to a registry on loopback. */
export async function rehearse(): Promise<Rehearsal> {
  const directory = await temporaryDirectory('rehearsal')
  const crane = await buildCrane(directory.path)
  const registry = await startRegistry(crane, directory.path)
  const helm = (await resolveBinaries(['helm']))('helm')
  const bin = await standIns(directory.path, { crane, helm })
  const environment = await environmentOf(directory.path, bin, registry)
  const built = join(directory.path, 'built')
  await build(registry, built)
  const workspace = async (name: string): Promise<string> => {
    await cp(built, join(directory.path, name), { recursive: true })
    return join(directory.path, name)
  }
  const runner = { folder: await workspace('workspace'), environment, token: registry.password }
  const { steps, outputs } = await publish(runner)
  return {
    registry,
    environment,
    publication: JSON.parse(await readFile(join(built, 'publication.json'), 'utf8')),
    workspace,
    steps,
    outputs,
    calls: (await readFile(join(directory.path, 'calls'), 'utf8')).trimEnd().split('\n'),
    async [Symbol.asyncDispose]() {
      await registry[Symbol.asyncDispose]()
      await directory[Symbol.asyncDispose]()
    },
  }
}

async function environmentOf(folder: string, bin: string, registry: Registry) {
  const home = join(folder, 'home')
  await mkdir(join(home, '.docker'), { recursive: true })
  return {
    PATH: `${bin}:${process.env['PATH']}`,
    HOME: home,
    SSL_CERT_FILE: registry.authority,
    CALLS: join(folder, 'calls'),
    REGISTRY: registry.host,
    GITHUB_ACTOR: registry.user,
    GITHUB_REF_NAME: `v${project.version}`,
    GITHUB_REPOSITORY: 'An-Owner/kubelet-csr-gate',
    GITHUB_REPOSITORY_OWNER: 'An-Owner',
  }
}

async function build({ host }: Registry, output: string): Promise<void> {
  const flags = ['--dry-run', '--registry', `${host}/an-owner`, '--output', output]
  const args = [join(root, 'packaging/release/main.ts'), ...flags]
  await promisify(execFile)(process.execPath, args, { timeout: RELEASE_MS })
}

async function publish(runner: Runner): Promise<Pick<Rehearsal, 'steps' | 'outputs'>> {
  const { steps, defaults } = await jobOf(WORKFLOW, 'publish')
  let outputs: Outputs = {}
  for (const step of steps.filter(({ run }) => run !== undefined)) {
    const said = await runStep(step, { shell: defaults.run.shell, outputs }, runner)
    if (step.id !== undefined) outputs = { ...outputs, [step.id]: said }
  }
  return { steps, outputs }
}
