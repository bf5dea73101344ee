/**
 * Finds the programs of a cluster, each by the first source that has it: a folder named by the environment,
 * the user's cache, a build from the pinned Go modules, a download of the released binary.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from './build.ts'
import { download } from './download.ts'
import { isExecutable } from './executable.ts'
import { withLock } from './lock.ts'
import { cacheFolder, PROGRAMS, thisPlatform } from './programs.ts'
import type { Platform, Program } from './programs.ts'
import { type Environment, type Origin, ORIGINS } from './versions.ts'

/** The absolute path of a program that was asked for. */
export type PathOf<P extends Program> = (program: P) => string

export interface Resolution {
  readonly environment: Environment
  readonly platform: Platform
  /** One line of progress, without a newline. */
  readonly tell: (line: string) => void
}

const toStderr: Resolution = {
  environment: process.env,
  platform: thisPlatform,
  tell: (line) => process.stderr.write(`binaries: ${line}\n`),
}

/** Ours first; envtest's has etcd, kube-apiserver and kubectl, but no kube-controller-manager, so sources mix. */
const FOLDER_VARIABLES = ['KUBELET_CSR_GATE_BINARIES', 'KUBEBUILDER_ASSETS'] as const

/** Rejects, naming every source that was tried, when a program cannot be had. */
export async function resolveBinaries<P extends Program>(
  programs: readonly P[],
  resolution: Resolution = toStderr,
): Promise<PathOf<P>> {
  const found = new Map<P, string>()
  for (const program of programs) {
    const path = (await inEnvironment(program, resolution)) ?? (await inCache(program, resolution))
    if (path !== undefined) found.set(program, path)
  }
  for (const origin of ORIGINS) {
    const missing = programs.filter((program) => PROGRAMS[program] === origin && !found.has(program))
    if (missing.length > 0) await obtain(origin, missing, resolution)
    for (const program of missing) found.set(program, cached(program, resolution))
  }
  return (program) => found.get(program) ?? cached(program, resolution)
}

async function inEnvironment(program: Program, { environment, tell }: Resolution) {
  for (const variable of FOLDER_VARIABLES) {
    const folder = environment[variable]
    if (!folder) continue
    const path = join(folder, program)
    if (await isExecutable(path)) {
      tell(`${program} from ${variable}: ${path}`)
      return path
    }
  }
  return undefined
}

async function inCache(program: Program, resolution: Resolution) {
  const path = cached(program, resolution)
  if (!(await isExecutable(path))) return undefined
  resolution.tell(`${program} from the cache: ${path}`)
  return path
}

function cached(program: Program, { platform, environment }: Resolution): string {
  return join(cacheFolder(PROGRAMS[program], platform, environment), program)
}

/** Puts programs of one origin into the cache: built, else downloaded. Another process at the same work is waited for. */
async function obtain(origin: Origin, missing: readonly Program[], resolution: Resolution): Promise<void> {
  const folder = cacheFolder(origin, resolution.platform, resolution.environment)
  await mkdir(folder, { recursive: true })
  await withLock(folder, resolution.tell, async () => {
    const still: Program[] = []
    for (const program of missing) {
      if (!(await isExecutable(join(folder, program)))) still.push(program)
    }
    if (still.length === 0) return
    const built = await build(origin, still, folder, resolution)
    if (built.ok) return
    resolution.tell(`${still.join(', ')}: ${built.because}; downloading instead`)
    const got = await download(origin, still, folder, resolution)
    if (!got.ok) throw new Error(hopeless(still, built.because, got.because))
  })
}

function hopeless(programs: readonly Program[], notBuilt: string, notDownloaded: string): string {
  return [
    `cannot get ${programs.join(', ')}`,
    `not in the folders named by ${FOLDER_VARIABLES.join(' or ')}, nor in the cache`,
    `not built: ${notBuilt}`,
    `not downloaded: ${notDownloaded}`,
  ].join('\n  ')
}
