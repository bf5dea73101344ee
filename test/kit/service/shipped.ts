import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const root = join(import.meta.dirname, '..', '..', '..')

/** As the image runs it. */
export interface Shipped {
  /** Node's arguments up to `serve`. */
  readonly program: readonly string[]
  readonly environment: Readonly<Record<string, string>>
}

let built: Promise<Shipped> | undefined

/** What the image runs, built anew by the first who asks. */
export function shippedProgram(): Promise<Shipped> {
  built ??= build()
  return built
}

async function build(): Promise<Shipped> {
  await promisify(execFile)(process.execPath, ['packaging/main.ts', 'bundle'], { cwd: root })
  const { flags, environment } = await imageSettings()
  return { program: [...flags, join(root, 'dist', 'kubelet-csr-gate.mjs')], environment }
}

/** The flags of Node and the variables that the image sets. */
export async function imageSettings(): Promise<{
  readonly flags: readonly string[]
  readonly environment: Readonly<Record<string, string>>
}> {
  const dockerfile = await readFile(join(root, 'Dockerfile'), 'utf8')
  const entrypoint: readonly string[] = JSON.parse(/^ENTRYPOINT (.*)$/m.exec(dockerfile)?.[1] ?? '[]')
  const settings = (/^ENV (.*)$/m.exec(dockerfile)?.[1] ?? '').split(' ').map((setting) => setting.split('='))
  return {
    flags: entrypoint.slice(1, -1),
    environment: Object.fromEntries(settings.map(([name = '', value = '']) => [name, value])),
  }
}
