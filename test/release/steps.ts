import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'

export interface Step {
  readonly id?: string
  readonly name?: string
  readonly uses?: string
  readonly run?: string
  readonly env?: Readonly<Record<string, string>>
  readonly with?: Readonly<Record<string, string>>
}

interface Job {
  readonly steps: readonly Step[]
  readonly defaults: { readonly run: { readonly shell: string } }
}

/** The outputs of each step with an id. */
export type Outputs = Readonly<Record<string, Readonly<Record<string, string>>>>

export interface Runner {
  /** The workspace. */
  readonly folder: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly token: string
}

/** The longest step pushes 97 MB over loopback. */
const STEP_MS = 5 * 60_000

export async function jobOf(workflow: string, name: string): Promise<Job> {
  return parse(await readFile(workflow, 'utf8')).jobs[name]
}

/** Runs the script of one step as a runner does and returns its outputs; rejects with its output when it fails. */
export async function runStep(
  { run = '', env = {} }: Step,
  { shell, outputs }: { readonly shell: string; readonly outputs: Outputs },
  { folder, environment, token }: Runner,
): Promise<Readonly<Record<string, string>>> {
  const script = join(folder, '..', 'step.sh')
  const output = join(folder, '..', 'output')
  await writeFile(script, run)
  await writeFile(output, '')
  const own = Object.fromEntries(
    Object.entries(env).map(([name, value]) => [name, evaluated(value, outputs, token)]),
  )
  const [program = '', ...args] = shell.split(' ').map((word) => (word === '{0}' ? script : word))
  const options = { cwd: folder, env: { ...environment, ...own, GITHUB_OUTPUT: output }, timeout: STEP_MS }
  await new Promise<void>((resolve, reject) => {
    execFile(program, args, options, (error, stdout, stderr) =>
      error === null ? resolve() : reject(new Error(`${error.message}\n${stdout}${stderr}`)),
    )
  })
  const lines = (await readFile(output, 'utf8')).split('\n').filter((line) => line !== '')
  return Object.fromEntries(lines.map((line) => [line.split('=')[0], line.slice(line.indexOf('=') + 1)]))
}

/** Knows only the expressions that the workflow uses, and throws at others. */
export function evaluated(text: string, outputs: Outputs, token: string): string {
  return text.replaceAll(/\$\{\{ (.*?) \}\}/g, (_, expression: string) => {
    if (expression === 'github.token') return token
    const [, step = '', name = ''] = /^steps\.([\w-]+)\.outputs\.([\w-]+)$/.exec(expression) ?? []
    const value = outputs[step]?.[name]
    if (value === undefined) throw new Error(`no step has set ${expression}`)
    return value
  })
}
