import { execFile, spawnSync } from 'node:child_process'
import { cp, mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import project from '../../package.json' with { type: 'json' }
import { resolveBinaries } from '../binaries/resolve.ts'
import { temporaryDirectory } from '../kit/directory.ts'
import { type Registry, startRegistry } from './registry.ts'
import { substitutes } from './substitutes.ts'
import { jobOf, type Outputs, type Runner, runStep, type Step } from './steps.ts'

/** `publication.json` of the release. */
interface Publication {
  readonly version: string
  readonly image: { readonly repository: string; readonly digest: string; readonly archive: string }
  readonly platforms: readonly { readonly digest: string; readonly sbom: string }[]
  readonly chart: { readonly repository: string; readonly archive: string }
}

/** Of the job that publishes. */
export const SIGNER = `An-Owner/kubelet-csr-gate/.github/workflows/release.yml@refs/tags/v${project.version}`

export interface Publishing extends AsyncDisposable {
  readonly registry: Registry
  /** The environment of every step. */
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly publication: Publication
  /** A new copy of the files that the build made. */
  readonly workspace: (name: string) => Promise<string>
  readonly steps: readonly Step[]
  readonly outputs: Outputs
  /** The command lines of the substitutes, in order. */
  readonly calls: readonly string[]
}

const root = join(import.meta.dirname, '..', '..')
const RELEASE_MS = 9 * 60_000
const WORKFLOW = join(root, '.github/workflows/release.yml')
/** The libraries of krew are too old for crane's: each has a module of its own. */
const TOOLS = {
  crane: { module: 'toolchain', program: 'github.com/google/go-containerregistry/cmd/crane' },
  krew: { module: 'toolchain/krew', program: 'sigs.k8s.io/krew/cmd/krew' },
} as const

const run = promisify(execFile)

/** Why this cannot run here, or false. With CI=true it runs, and fails. */
export function missing(programs: readonly string[]): string | false {
  if (process.env['CI'] === 'true') return false
  const absent = programs.filter((name) => spawnSync('sh', ['-c', 'command -v "$0"', name]).status !== 0)
  return absent.length > 0 && `NOT TESTED: ${absent.join(' and ')} missing: sh test/setup.sh release`
}

/** Builds a pinned Go program into `folder`; returns its path. */
export async function buildTool(name: keyof typeof TOOLS, folder: string): Promise<string> {
  const path = join(folder, name)
  const { module, program } = TOOLS[name]
  const cwd = join(import.meta.dirname, module)
  await run('go', ['build', '-o', path, program], { cwd, env: { ...process.env, CGO_ENABLED: '0' } })
  return path
}

/** Builds a release as the build job does, but as a dry run, and publishes it to a registry on loopback. */
export async function publishOnLoopback(): Promise<Publishing> {
  const directory = await temporaryDirectory('publishing')
  const crane = await buildTool('crane', directory.path)
  const registry = await startRegistry(crane, directory.path)
  const helm = (await resolveBinaries(['helm']))('helm')
  const bin = await substitutes(directory.path, { crane, helm })
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
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_WORKFLOW_REF: SIGNER,
    ISSUER: 'https://token.actions.githubusercontent.com',
    GITHUB_REPOSITORY_OWNER: 'An-Owner',
  }
}

async function build({ host }: Registry, output: string): Promise<void> {
  const places = ['--registry', `${host}/an-owner`, '--repository', 'An-Owner/kubelet-csr-gate']
  const flags = ['--dry-run', ...places, '--output', output]
  const args = [join(root, 'packaging/main.ts'), 'release', ...flags]
  await run(process.execPath, args, { timeout: RELEASE_MS })
}

async function publish(runner: Runner): Promise<Pick<Publishing, 'steps' | 'outputs'>> {
  const { steps, defaults } = await jobOf(WORKFLOW, 'publish')
  let outputs: Outputs = {}
  for (const step of steps.filter(({ run: script }) => script !== undefined)) {
    const written = await runStep(step, { shell: defaults.run.shell, outputs }, runner)
    if (step.id !== undefined) outputs = { ...outputs, [step.id]: written }
  }
  return { steps, outputs }
}
