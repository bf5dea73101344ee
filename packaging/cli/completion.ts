import { execFile } from 'node:child_process'
import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { BUNDLE_NAME } from '../bundle.ts'
import type { Entry } from '../image/tar.ts'

/** By the names that each shell looks for. */
const SCRIPTS = {
  bash: 'kubelet-csr-gate.bash',
  zsh: '_kubelet-csr-gate',
  fish: 'kubelet-csr-gate.fish',
} as const

const run = promisify(execFile)

/** The completion script of each shell, as the bundled program prints it. */
export async function completionScripts(bundled: Uint8Array): Promise<readonly Entry[]> {
  await using temporary = await mkdtempDisposable(join(tmpdir(), 'kubelet-csr-gate-completion-'))
  const folder = temporary.path
  const program = join(folder, BUNDLE_NAME)
  await writeFile(program, bundled)
  return await Promise.all(
    Object.entries(SCRIPTS).map(async ([shell, name]): Promise<Entry> => {
      const { stdout } = await run(process.execPath, [program, 'completion', shell])
      return { type: 'file', path: `completion/${name}`, mode: 0o644, content: Buffer.from(stdout) }
    }),
  )
}
