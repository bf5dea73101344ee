import { createHash } from 'node:crypto'
import { existsSync, globSync } from 'node:fs'
import { mkdir, readFile, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, join } from 'node:path'
import { attempt, run } from './child.ts'

/** Without the modules and without a build cache: three minutes on two cores. */
const BUILD_TIMEOUT_MS = 9 * 60_000

/** A program, or why there is none. */
export type Built =
  | { readonly ok: true; readonly path: string }
  | { readonly ok: false; readonly because: string }

export interface GoProgram {
  /** For people, and in the cache. */
  readonly name: string
  /** Of its sources. */
  readonly folder: string
}

/**
 * A program of ours in Go, built once for its sources and this version of Go, and kept in the user's cache:
 * `~/.cache/kubelet-csr-gate/<name>/<hash>`.
 */
export async function buildGoProgram(
  { name, folder }: GoProgram,
  print: (line: string) => void,
): Promise<Built> {
  const version = await attempt(['go', 'version'])
  if (version.code !== 0)
    return { ok: false, because: `Go is not installed: the ${name} is built from Go modules` }
  const cache = cacheFolder(name)
  const path = join(cache, await hashOfSources(folder, version.stdout))
  if (existsSync(path)) return { ok: true, path }
  print(`building the ${name} from its Go modules; the first time takes minutes`)
  await mkdir(cache, { recursive: true })
  // Two builders at once each write their own file; the last rename wins, and both are the same program.
  const unfinished = `${path}.${process.pid}`
  try {
    await run(['go', 'build', '-trimpath', '-o', unfinished, '.'], {
      cwd: folder,
      env: { CGO_ENABLED: '0' },
      timeoutMs: BUILD_TIMEOUT_MS,
    })
    await rename(unfinished, path)
  } catch (error) {
    await rm(unfinished, { force: true })
    throw new Error(`the ${name} cannot be built`, { cause: error })
  }
  return { ok: true, path }
}

function cacheFolder(name: string): string {
  const root = process.env['XDG_CACHE_HOME'] || join(process.env['HOME'] || homedir(), '.cache')
  return join(root, 'kubelet-csr-gate', name)
}

async function hashOfSources(folder: string, goVersion: string): Promise<string> {
  const hash = createHash('sha256').update(goVersion)
  const sources = globSync(['*.go', 'go.mod', 'go.sum'], { cwd: folder }).sort()
  for (const source of sources) {
    hash.update(`${basename(source)}\n`).update(await readFile(join(folder, source)))
  }
  return hash.digest('hex').slice(0, 16)
}
