import { execFile } from 'node:child_process'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { isExecutable } from '../binaries/executable.ts'

type Program = 'promtool' | 'prometheus'

const PROMTOOL_MS = 30_000
const MISSING = 'promtool and prometheus are missing: run sh test/setup.sh chart'
const CACHE = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'kubelet-csr-gate', 'binaries')
/** What is installed, then where setup.sh puts them. */
const FOLDERS = [...(process.env['PATH'] ?? '').split(delimiter), join(CACHE, 'prometheus')]

const found: Readonly<Record<Program, string | undefined>> = {
  promtool: await find('promtool'),
  prometheus: await find('prometheus'),
}

async function find(program: Program): Promise<string | undefined> {
  for (const folder of FOLDERS) {
    const path = join(folder, program)
    if (await isExecutable(path)) return path
  }
  return undefined
}

/** Why they cannot be run here, or false. Without them CI fails: there setup.sh comes first. */
export const prometheusMissing: string | false =
  (found.promtool !== undefined && found.prometheus !== undefined) || process.env['CI'] === 'true'
    ? false
    : `NOT PROVEN: ${MISSING}`

export function pathOf(program: Program): string {
  const path = found[program]
  if (path === undefined) throw new Error(MISSING)
  return path
}

/** Rejects with what promtool said when it fails. */
export async function promtool(args: readonly string[]): Promise<string> {
  const ran = promisify(execFile)(pathOf('promtool'), args, { timeout: PROMTOOL_MS })
  const { stdout } = await ran.catch((error: unknown) => {
    const said = ['stdout', 'stderr'].map((stream) => String(Reflect.get(Object(error), stream))).join('')
    throw new Error(said, { cause: error })
  })
  return stdout
}
