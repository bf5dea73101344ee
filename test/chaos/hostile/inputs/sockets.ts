/** Connections rather than requests. */
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { firstStatus, held, openTcp, openTls, strangerOf, write } from '../attack/connection.ts'
import { flooding, type Pace } from '../attack/flood.ts'
import type { HostileInput } from '../input.ts'

/** Longer than any row lasts: only the other side closes. */
const LONG_MS = 600_000

const connecting = (
  input: Pick<HostileInput, 'name' | 'does'> & { readonly pace: Pace },
  attempt: (port: number, index: number) => Promise<string>,
): HostileInput =>
  flooding(
    { against: 'webhook port', ...input },
    ({ targets }) =>
      (index) =>
        attempt(targets.webhookPort, index),
  )

const idle = (count: number, how: string, from: (index: number) => string | undefined): HostileInput =>
  connecting(
    {
      name: `sockets-${count}-${how.replaceAll(' ', '-')}`,
      does: `${count} connections that say nothing, ${how}`,
      pace: { lanes: count, perSecond: 2_000 },
    },
    async (port, index) => await silent(await openTcp(port, from(index))),
  )

async function silent(socket: Socket): Promise<string> {
  const outcome = await held(socket, LONG_MS)
  await sleep(100)
  return outcome
}

export const sockets: readonly HostileInput[] = [
  idle(128, 'of one address', () => undefined),
  idle(1_024, 'of one address', () => undefined),
  idle(1_024, 'of 250 addresses', (index) => strangerOf(index % 250)),
  idle(5_000, 'of 5000 addresses', strangerOf),
  connecting(
    {
      name: 'sockets-reset',
      does: '1,000 connections a second, each reset at once',
      pace: { lanes: 16, perSecond: 1_000 },
    },
    async (port) => {
      const socket = await openTcp(port)
      socket.resetAndDestroy()
      return 'reset'
    },
  ),
  connecting(
    { name: 'sockets-plain-http', does: 'HTTP without TLS', pace: { lanes: 32, perSecond: 500 } },
    async (port) => {
      const socket = await openTcp(port)
      await write(socket, 'POST /validate HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\n{}')
      return firstStatus(socket, 2_000)
    },
  ),
  connecting(
    {
      name: 'tls-1024-idle',
      does: '1,024 connections that say nothing after the handshake',
      pace: { lanes: 1_024, perSecond: 300 },
    },
    async (port) => await silent(await openTls(port)),
  ),
]
