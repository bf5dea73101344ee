/** Connections rather than requests. */
import { setTimeout as sleep } from 'node:timers/promises'
import { firstStatus, held, openTcp, openTls, strangerOf, write } from '../attack/connection.ts'
import { flood } from '../attack/flood.ts'
import type { HostileInput } from '../input.ts'

/** Longer than any row lasts: only the other side closes. */
const LONG_MS = 600_000

const idle = (count: number, how: string, from: (index: number) => string | undefined): HostileInput => ({
  name: `sockets-${count}-${how.replaceAll(' ', '-')}`,
  against: 'webhook port',
  does: `${count} connections that say nothing, ${how}`,
  run: async (attack) =>
    flood(attack, { lanes: count, perSecond: 2_000 }, async (index) => {
      const outcome = await held(await openTcp(attack.targets.webhookPort, from(index)), LONG_MS)
      await sleep(100)
      return outcome
    }),
})

export const sockets: readonly HostileInput[] = [
  idle(128, 'of one address', () => undefined),
  idle(1_024, 'of one address', () => undefined),
  idle(1_024, 'of 250 addresses', (index) => strangerOf(index % 250)),
  idle(5_000, 'of 5000 addresses', strangerOf),
  {
    name: 'sockets-reset',
    against: 'webhook port',
    does: '1,000 connections a second, each reset at once',
    run: async (attack) =>
      flood(attack, { lanes: 16, perSecond: 1_000 }, async () => {
        const socket = await openTcp(attack.targets.webhookPort)
        socket.resetAndDestroy()
        return 'reset'
      }),
  },
  {
    name: 'sockets-plain-http',
    against: 'webhook port',
    does: 'HTTP without TLS',
    run: async (attack) =>
      flood(attack, { lanes: 32, perSecond: 500 }, async () => {
        const socket = await openTcp(attack.targets.webhookPort)
        await write(socket, 'POST /validate HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\n{}')
        return firstStatus(socket, 2_000)
      }),
  },
  {
    name: 'tls-1024-idle',
    against: 'webhook port',
    does: '1,024 connections that say nothing after the handshake',
    run: async (attack) =>
      flood(attack, { lanes: 1_024, perSecond: 300 }, async () => {
        const outcome = await held(await openTls(attack.targets.webhookPort), LONG_MS)
        await sleep(100)
        return outcome
      }),
  },
]
