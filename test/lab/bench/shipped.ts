import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const root = join(import.meta.dirname, '..', '..', '..')

/** What the image runs, built anew: Node's arguments up to `serve`. */
export async function shippedProgram(): Promise<readonly string[]> {
  await promisify(execFile)(process.execPath, ['packaging/main.ts', 'bundle'], { cwd: root })
  const dockerfile = await readFile(join(root, 'Dockerfile'), 'utf8')
  const entrypoint: readonly string[] = JSON.parse(/^ENTRYPOINT (.*)$/m.exec(dockerfile)?.[1] ?? '[]')
  return [...entrypoint.slice(1, -1), join(root, 'dist', 'kubelet-csr-gate.mjs')]
}
