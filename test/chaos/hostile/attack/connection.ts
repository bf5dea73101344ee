/** Connections of a stranger. */
import { once } from 'node:events'
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls, type ConnectionOptions } from 'node:tls'
import { setTimeout as sleep } from 'node:timers/promises'

const HOST = '127.0.0.1'
/** Not the address that API server and probes call from. All of 127.0.0.0/8 is this machine's. */
export const STRANGER = '127.0.0.66'

/** The address of one of many strangers. */
export function strangerOf(index: number): string {
  return `127.0.${1 + (Math.floor(index / 250) % 250)}.${1 + (index % 250)}`
}

export async function openTcp(port: number, from = STRANGER): Promise<Socket> {
  const socket = connectTcp({ host: HOST, port, localAddress: from })
  await once(socket, 'connect')
  // What the other side does to it shows in how the attempt ends.
  return socket.on('error', () => undefined)
}

export async function openTls(port: number, options: ConnectionOptions = {}) {
  const socket = connectTls({ socket: await openTcp(port), rejectUnauthorized: false, ...options })
  await once(socket, 'secureConnect')
  socket.on('error', () => undefined)
  return socket
}

/** Waits until the other side has closed it, so long at most, and closes it. */
export async function held(socket: Socket, ms: number): Promise<string> {
  socket.resume()
  const closed = once(socket, 'close').then(() => 'closed by the server')
  const outcome = socket.closed
    ? 'closed by the server'
    : await Promise.race([closed, sleep(ms, 'left open by the server')])
  socket.destroy()
  return outcome
}

/** The status of the first answer on it, or how it ended without one. */
export async function firstStatus(socket: Socket, ms: number): Promise<string> {
  const data = once(socket, 'data').then(([chunk]) => /^HTTP\/1\.1 (\d+)/.exec(String(chunk))?.[1] ?? 'noise')
  const closed = once(socket, 'close').then(() => 'closed by the server')
  const outcome = await Promise.race([data, closed, sleep(ms, 'no answer')]).catch(
    () => 'closed by the server',
  )
  socket.destroy()
  return outcome
}

/** Writes as long as the other side takes it; true when all was taken. */
export async function write(socket: Socket, bytes: string | Uint8Array): Promise<boolean> {
  if (socket.destroyed) return false
  if (!socket.write(bytes))
    await Promise.race([once(socket, 'drain'), once(socket, 'close')]).catch(() => null)
  return !socket.destroyed
}
