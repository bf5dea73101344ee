/** The port of probes and metrics, of both processes. */
import { setTimeout as sleep } from 'node:timers/promises'
import { sendToProbe, type Call } from '../attack/http.ts'
import { held, openTcp, strangerOf, write } from '../attack/connection.ts'
import { flood, type Pace } from '../attack/flood.ts'
import type { HostileInput } from '../input.ts'

const LONG_MS = 600_000
const GET = 'GET /metrics HTTP/1.1\r\nhost: a\r\n\r\n'

/** On the port of each process; `begin` is called once for each. */
const onPorts = (
  name: string,
  does: string,
  pace: Pace,
  begin: (port: number) => (index: number) => Promise<string>,
): HostileInput => ({
  name,
  against: 'probe port',
  does,
  run: async (attack) => {
    const { probePorts } = attack.targets
    await Promise.all(probePorts.map((port) => flood(attack, pace, begin(port))))
  },
})

const onEach = (
  name: string,
  does: string,
  pace: Pace,
  attempt: (port: number, index: number) => Promise<string>,
): HostileInput => onPorts(name, does, pace, (port) => (index) => attempt(port, index))

/** Calls of one kind, on connections that are used again. */
const called = (name: string, does: string, pace: Pace, call: Call): HostileInput =>
  onPorts(name, does, pace, (port) => {
    const send = sendToProbe(port)
    return () => send(call)
  })

async function idle(port: number, from?: string, first = ''): Promise<string> {
  const socket = await openTcp(port, from)
  await write(socket, first)
  const outcome = await held(socket, LONG_MS)
  await sleep(100)
  return outcome
}

async function drip(port: number): Promise<string> {
  const socket = await openTcp(port)
  const outcome = held(socket, LONG_MS)
  for (let open = await write(socket, 'GET /livez HTTP/1.1\r\nx: '); open; open = await write(socket, 'a'))
    await sleep(1_000)
  return outcome
}

async function unread(port: number): Promise<string> {
  const socket = await openTcp(port)
  socket.pause()
  await write(socket, GET.repeat(1_000))
  await sleep(10_000)
  socket.destroy()
  return 'unread'
}

export const probePort: readonly HostileInput[] = [
  onEach('probe-128-idle', '128 connections that say nothing', { lanes: 128, perSecond: 500 }, (port) =>
    idle(port),
  ),
  onEach('probe-1024-idle', '1,024 of 1,024 addresses', { lanes: 1_024, perSecond: 1_000 }, (port, index) =>
    idle(port, strangerOf(index)),
  ),
  onEach('probe-kept-alive', '128 that are idle after a call', { lanes: 128, perSecond: 500 }, (port) =>
    idle(port, undefined, GET),
  ),
  onEach('probe-slow', 'a byte of a head each second, 128 at a time', { lanes: 128, perSecond: 500 }, drip),
  onEach('probe-unread', '1,000 scrapes whose answers nobody reads', { lanes: 32, perSecond: 50 }, unread),
  onEach(
    'probe-pipelined',
    '1,000 scrapes before the first answer',
    { lanes: 8, perSecond: 20 },
    async (port) => {
      const socket = await openTcp(port)
      await write(socket, GET.repeat(1_000))
      return held(socket, 5_000)
    },
  ),
  called(
    'probe-scrapes',
    '50 scrape the metrics without end',
    { lanes: 50, perSecond: 1_000 },
    {
      method: 'GET',
      path: '/metrics',
    },
  ),
  called(
    'probe-readiness',
    'whether it is ready, 2,000 times a second',
    { lanes: 50, perSecond: 2_000 },
    {
      method: 'GET',
      path: '/readyz?verbose',
    },
  ),
  called(
    'probe-bodies',
    'bodies of 6.9 MB to /metrics',
    { lanes: 8, perSecond: 40 },
    {
      path: '/metrics',
      body: Buffer.alloc(6_900_000, 0x5b),
    },
  ),
  called(
    'probe-unknown',
    'paths that are not there',
    { lanes: 32, perSecond: 1_000 },
    {
      method: 'GET',
      path: `/${'a'.repeat(4_000)}`,
    },
  ),
]
