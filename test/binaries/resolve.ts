/**
 * Finds the programs of a cluster, each by the first source that has it: a folder named by the environment,
 * the user's cache, a download of the released binary, a build from the pinned Go modules.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from './build.ts'
import { download } from './download.ts'
import { isExecutable } from './executable.ts'
import { withLock } from './lock.ts'
import { cacheFolder, type Program, PROGRAMS } from './programs.ts'
import { type Resolution, resolutionHere } from './resolution.ts'
import { type Origin, ORIGINS } from './versions.ts'

/** The absolute path of a program that was asked for. */
export type PathOf<P extends Program> = (program: P) => string

/** Ours first; envtest's has etcd, kube-apiserver and kubectl, but no kube-controller-manager, so sources mix. */
const FOLDER_VARIABLES = ['KUBELET_CSR_GATE_BINARIES', 'KUBEBUILDER_ASSETS'] as const

/** Rejects, naming every source that was tried, when a program cannot be had. */
export async function resolveBinaries<P extends Program>(
  programs: readonly P[],
  resolution: Resolution = resolutionHere,
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

async function inEnvironment(program: Program, { environment, print }: Resolution) {
  for (const variable of FOLDER_VARIABLES) {
    const folder = environment[variable]
    if (!folder) continue
    const path = join(folder, program)
    if (await isExecutable(path)) {
      print(`${program} from ${variable}: ${path}`)
      return path
    }
  }
  return undefined
}

async function inCache(program: Program, resolution: Resolution) {
  const path = cached(program, resolution)
  if (!(await isExecutable(path))) return undefined
  resolution.print(`${program} from the cache: ${path}`)
  return path
}

function cached(program: Program, { platform, environment }: Resolution): string {
  return join(cacheFolder(PROGRAMS[program], platform, environment), program)
}

/** Puts programs of one origin into the cache: downloaded, else built. Another process at the same work is waited for. */
async function obtain(origin: Origin, missing: readonly Program[], resolution: Resolution): Promise<void> {
  const folder = cacheFolder(origin, resolution.platform, resolution.environment)
  await mkdir(folder, { recursive: true })
  await withLock(folder, resolution.print, async () => {
    const still: Program[] = []
    for (const program of missing) {
      if (!(await isExecutable(join(folder, program)))) still.push(program)
    }
    if (still.length === 0) return
    const names = still.join(', ')
    const got = await download(origin, still, folder, resolution)
    if (got.ok) return
    resolution.print(`${names}: not downloaded: ${got.because}`)
    const built = await build(origin, still, folder, resolution)
    if (!built.ok) throw new Error(hopeless(names, got.because, built.because))
  })
}

function hopeless(names: string, notDownloaded: string, notBuilt: string): string {
  return [
    `cannot get ${names}`,
    `not in the folders named by ${FOLDER_VARIABLES.join(' or ')}, nor in the cache`,
    `not downloaded: ${notDownloaded}`,
    `not built: ${notBuilt}`,
  ].join('\n  ')
}
