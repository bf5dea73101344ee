import { once } from 'node:events'
import { isIP } from 'node:net'
import { checkServerIdentity, connect, createServer, type Server } from 'node:tls'
import type { Leaf } from './authority.ts'

const HANDSHAKE_MS = 5_000

/**
 * Makes a TLS handshake as an API server would: with a server that uses `leaf` on the loopback interface, and a client
 * that trusts only `bundle` and verifies `name`.
 * @returns null if it succeeds, else the client's error message
 */
export async function proveHandshake(leaf: Leaf, bundle: string, name: string): Promise<string | null> {
  const server = createServer({ cert: leaf.certificate, key: leaf.key, minVersion: 'TLSv1.2' })
  // The client reports a failed handshake.
  server.on('tlsClientError', () => undefined)
  try {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    await shake(portOf(server), bundle, name)
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  } finally {
    server.close()
  }
}

async function shake(port: number, ca: string, name: string): Promise<void> {
  const socket = connect({
    host: '127.0.0.1',
    port,
    ca,
    timeout: HANDSHAKE_MS,
    // SNI cannot contain an address, RFC 6066 §3.
    ...(isIP(name) === 0 && { servername: name }),
    checkServerIdentity: (_host, certificate) => checkServerIdentity(name, certificate),
  })
  socket.on('timeout', () => socket.destroy(new Error(`no handshake within ${HANDSHAKE_MS} ms`)))
  try {
    await once(socket, 'secureConnect')
  } finally {
    socket.destroy()
  }
}

function portOf(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return address.port
}
