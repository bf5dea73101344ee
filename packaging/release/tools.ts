import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Names actionlint and crane by module and version; `go tool` builds them on first use, component a minute when cold. */
const MODULES = join(import.meta.dirname, 'toolchain')
const BUILD_MS = 15 * 60_000

/** Why something cannot be shown here, or false. Without these programs CI fails: there setup.sh comes first. */
export async function missing(programs: readonly string[]): Promise<string | false> {
  if (process.env['CI'] === 'true') return false
  const absent: string[] = []
  for (const program of programs)
    await run('sh', ['-c', 'command -v "$1"', 'sh', program]).catch(() => absent.push(program))
  return (
    absent.length > 0 && `NOT PROVEN: ${absent.join(' and ')} missing: Go, then sh packaging/release/setup.sh`
  )
}

/** What actionlint says against the workflows, their scripts included; empty when it is content. */
export async function actionlint(workflows: readonly string[]): Promise<string> {
  const args = ['tool', 'actionlint', '-shellcheck=shellcheck', '-pyflakes=', ...workflows]
  return complaints('go', args, MODULES)
}

export async function shellcheck(scripts: readonly string[]): Promise<string> {
  return complaints('shellcheck', scripts, MODULES)
}

/** Builds crane, which can be a registry, into `folder`; returns its path. */
export async function buildCrane(folder: string): Promise<string> {
  const path = join(folder, 'crane')
  const module = 'github.com/google/go-containerregistry/cmd/crane'
  await run('go', ['build', '-o', path, module], {
    cwd: MODULES,
    env: { ...process.env, CGO_ENABLED: '0' },
    timeout: BUILD_MS,
  })
  return path
}

/** Both linters exit with 1 when they have something to say, and say it on stdout; anything else is no answer. */
async function complaints(program: string, args: readonly string[], cwd: string): Promise<string> {
  const ran = run(program, args, { cwd, timeout: BUILD_MS })
  const { stdout } = await ran.catch((error: { code?: unknown; stdout?: unknown }) => {
    if (error.code === 1 && typeof error.stdout === 'string' && error.stdout !== '')
      return { stdout: error.stdout }
    throw new Error(`${program} gave no answer`, { cause: error })
  })
  return stdout
}
