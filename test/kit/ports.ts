import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'

/** Below 32768, where Linux takes the ports of outgoing connections from, so that none of those can grab it first. */
const RANGE = [20_000, 32_000] as const

/** A TCP port on 127.0.0.1 that nothing listens on now. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 50; tries++) {
    const port = randomInt(...RANGE)
    if (await isFree(port)) return port
  }
  throw new Error(`no free port on 127.0.0.1 in ${RANGE.join(' to ')}`)
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  server.listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch {
    return false
  }
  server.close()
  await once(server, 'close')
  return true
}
