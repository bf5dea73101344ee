import { execFile } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** Pins Helm and actionlint by module and version. `go tool` builds them on first use: two minutes for Helm. */
const MODULE = join(import.meta.dirname, 'toolchain')
const BUILD_MS = 15 * 60_000
const MAX_OUTPUT_BYTES = 8 * 1024 * 1024

const run = promisify(execFile)

/** Runs a pinned Go program; returns its standard output, and rejects with its standard error. Paths are absolute. */
export async function goTool(program: 'helm' | 'actionlint', args: readonly string[]): Promise<string> {
  // No plugin, repository or cluster of this machine has a part in it.
  const home = join(tmpdir(), 'kubelet-csr-gate-helm')
  const env = {
    ...process.env,
    CGO_ENABLED: '0',
    HELM_CACHE_HOME: home,
    HELM_CONFIG_HOME: home,
    HELM_DATA_HOME: home,
    KUBECONFIG: '/dev/null',
  }
  const limits = { cwd: MODULE, env, timeout: BUILD_MS, maxBuffer: MAX_OUTPUT_BYTES }
  return (await run('go', ['tool', program, ...args], limits)).stdout
}

/** Why a test cannot run here, or false. With CI=true it runs, and fails. */
export async function missing(programs: readonly string[]): Promise<string | false> {
  if (process.env['CI'] === 'true') return false
  const absent: string[] = []
  for (const program of programs)
    await run('sh', ['-c', 'command -v "$1"', 'sh', program]).catch(() => absent.push(program))
  return absent.length > 0 && `NOT TESTED: ${absent.join(' and ')} missing`
}
