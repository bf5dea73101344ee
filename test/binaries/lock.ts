import { createHash } from 'node:crypto'
import { createServer } from 'node:net'
import { until } from '../kit/until.ts'

/** A cold build of everything takes 8 minutes on 2 cores. */
const PATIENCE_MS = 30 * 60_000

/**
 * Runs `work` while no other process does so for the same folder. It only saves doing the work twice:
 * what lands in the cache lands by rename, and so is whole without it.
 *
 * The lock is a socket in Linux' abstract namespace: the kernel frees it with the process that holds it, so it
 * cannot go stale as a lock file does. Elsewhere there is no such namespace, and no lock.
 */
export async function withLock(folder: string, print: (line: string) => void, work: () => Promise<void>) {
  const name = `\0kubelet-csr-gate-${createHash('sha256').update(folder).digest('hex').slice(0, 32)}`
  const first = await take(name)
  if (first === undefined) print(`another process is filling ${folder}; waiting for it`)
  const release =
    first ?? (await until(() => take(name), `${folder} is filled by another process`, PATIENCE_MS, 500))
  try {
    await work()
  } finally {
    release()
  }
}

function take(name: string): Promise<(() => void) | undefined> {
  if (process.platform !== 'linux') return Promise.resolve(() => undefined)
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy())
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined)
      else reject(error)
    })
    server.listen(name, () => resolve(() => server.close()))
  })
}
