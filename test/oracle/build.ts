import { createHash } from 'node:crypto'
import { existsSync, globSync } from 'node:fs'
import { mkdir, readFile, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, join } from 'node:path'
import { attempt, run } from '../kit/child.ts'

/** Without the modules and without a build cache: three minutes on two cores. */
const BUILD_TIMEOUT_MS = 9 * 60_000

/** The oracle's program, or why there is none. */
export type Built =
  | { readonly ok: true; readonly path: string }
  | { readonly ok: false; readonly because: string }

/**
 * The oracle, built once for its sources and this version of Go, and kept in the user's cache:
 * `~/.cache/kubelet-csr-gate/oracle/<hash>`.
 */
export async function buildOracle(print: (line: string) => void): Promise<Built> {
  const version = await attempt(['go', 'version'])
  if (version.code !== 0)
    return { ok: false, because: 'Go is not installed: the oracle is built from Go modules' }
  const path = join(cacheFolder(), await hashOfSources(version.stdout))
  if (existsSync(path)) return { ok: true, path }
  print('building the oracle from its Go modules; the first time takes minutes')
  await mkdir(cacheFolder(), { recursive: true })
  // Two builders at once each write their own file; the last rename wins, and both are the same program.
  const unfinished = `${path}.${process.pid}`
  try {
    await run(['go', 'build', '-trimpath', '-o', unfinished, '.'], {
      cwd: import.meta.dirname,
      env: { CGO_ENABLED: '0' },
      timeoutMs: BUILD_TIMEOUT_MS,
    })
    await rename(unfinished, path)
  } catch (error) {
    await rm(unfinished, { force: true })
    throw new Error('the oracle cannot be built', { cause: error })
  }
  return { ok: true, path }
}

function cacheFolder(): string {
  const root = process.env['XDG_CACHE_HOME'] || join(process.env['HOME'] || homedir(), '.cache')
  return join(root, 'kubelet-csr-gate', 'oracle')
}

async function hashOfSources(goVersion: string): Promise<string> {
  const hash = createHash('sha256').update(goVersion)
  const sources = globSync(['*.go', 'go.mod', 'go.sum'], { cwd: import.meta.dirname }).sort()
  for (const source of sources) {
    hash.update(`${basename(source)}\n`).update(await readFile(join(import.meta.dirname, source)))
  }
  return hash.digest('hex').slice(0, 16)
}
