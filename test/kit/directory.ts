import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface TemporaryDirectory extends AsyncDisposable {
  readonly path: string
}

/** Waits like the guard of a child (child.ts), and gives processes that write here a moment to be killed first. */
const SWEEPER = 'read -r _ || { sleep 1; rm -rf -- "$1"; }'

/** A new directory under the system's own for temporary files, removed when disposed of or when this process dies. */
export async function temporaryDirectory(prefix: string): Promise<TemporaryDirectory> {
  const path = await mkdtemp(join(tmpdir(), `kubelet-csr-gate-${prefix}-`))
  const sweeper = spawn('/bin/sh', ['-c', SWEEPER, 'sweeper', path], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  sweeper.stdin.on('error', () => undefined)
  // Neither the shell nor the pipe to it keeps this process alive.
  sweeper.unref()
  if ('unref' in sweeper.stdin && typeof sweeper.stdin.unref === 'function') sweeper.stdin.unref()
  return {
    path,
    [Symbol.asyncDispose]: async () => {
      await rm(path, { recursive: true, force: true, maxRetries: 3 })
      sweeper.stdin.end('\n')
    },
  }
}
