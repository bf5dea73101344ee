import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, get, type Server } from 'node:http'
import { connect, type Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { until } from '../test/kit/until.ts'
import { type ConnectionLimits, limitConnections } from './connection-limits.ts'

/** Answers `/slow` when told to, `/soon` after a second, `/large` with more than a socket takes, and everything else at once. */
interface Started {
  readonly server: Server
  readonly port: number
  readonly finish: () => void
  [Symbol.asyncDispose](): Promise<void>
}

async function start(limits: ConnectionLimits): Promise<Started> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const server = createServer({ keepAliveTimeout: 60_000, requestTimeout: 60_000 }, (request, response) => {
    if (request.url === '/slow') void promise.then(() => response.end('late'))
    else if (request.url === '/soon') setTimeout(() => response.end('ok'), 950)
    else if (request.url === '/large') response.end(Buffer.alloc(32 * 1024 * 1024))
    else response.end('ok')
  })
  limitConnections(server, limits)
  server.listen(0, '0.0.0.0')
  await once(server, 'listening')
  const address = server.address()
  assert.ok(address !== null && typeof address !== 'string')
  return {
    server,
    port: address.port,
    finish: resolve,
    async [Symbol.asyncDispose]() {
      resolve()
      server.closeAllConnections()
      server.close()
    },
  }
}

/** A connection from one of the many addresses of the loopback interface. */
async function open(port: number, localAddress = '127.0.0.1', text = ''): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', localAddress })
  socket.on('error', () => undefined).resume()
  await once(socket, 'connect')
  if (text !== '') socket.write(text)
  return socket
}

async function openMany(count: number, ...rest: [port: number, localAddress?: string, text?: string]) {
  const sockets: Socket[] = []
  for (let index = 0; index < count; index += 1) sockets.push(await open(...rest))
  return sockets
}

const isOpen = (socket: Socket): boolean => !socket.closed && !socket.readableEnded
const openOf = (sockets: readonly Socket[]): number => sockets.filter(isOpen).length
const REQUEST = 'GET / HTTP/1.1\r\nhost: x\r\n\r\n'
const SLOW = 'GET /slow HTTP/1.1\r\nhost: x\r\n\r\n'

async function answers(port: number, localAddress = '127.0.0.1'): Promise<string> {
  const call = get({ port, host: '127.0.0.1', path: '/', localAddress, agent: false })
  const [response] = await once(call, 'response')
  const [text] = await once(response, 'data')
  return String(text)
}

test('at the share of a source, its most idle connection is closed and the newest is served', async () => {
  await using started = await start({ total: 100, perSource: 3 })
  const [first, second, third] = await openMany(3, started.port)
  assert.ok(first && second && third)
  // Now the second is the most idle.
  first.write(REQUEST)
  await once(first, 'data')
  const other = await open(started.port, '127.0.0.2')
  assert.equal(await answers(started.port), 'ok')
  await until(() => !isOpen(second))
  assert.deepEqual([first, third, other].map(isOpen), [true, true, true])
})

test('at the total, the source with the most connections gives way', async () => {
  await using started = await start({ total: 10, perSource: 8 })
  const few = await openMany(2, started.port, '127.0.0.2')
  const many = await openMany(8, started.port, '127.0.0.3')
  const newcomers = await openMany(3, started.port, '127.0.0.4')
  await until(() => openOf(many) === 5)
  assert.deepEqual([openOf(few), openOf(newcomers)], [2, 3])
})

test('a request that is being answered is never cut while another connection is idle', async () => {
  await using started = await start({ total: 6, perSource: 6 })
  const busy = await openMany(3, started.port, '127.0.0.1', SLOW)
  const idle = await openMany(3, started.port)
  await pause(50)
  const more = await openMany(3, started.port)
  await until(() => openOf(idle) === 0)
  assert.deepEqual([openOf(busy), openOf(more)], [3, 3])
  const late = Promise.all(busy.map((socket) => once(socket, 'data')))
  started.finish()
  for (const [text] of await late) assert.match(String(text), /late$/u)
})

test('a request that is only half there protects nobody', async () => {
  await using started = await start({ total: 7, perSource: 7 })
  const half = 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nx'
  const posting = await openMany(3, started.port, '127.0.0.1', half.replace('/', '/slow'))
  const dripping = await openMany(3, started.port, '127.0.0.1', 'GET / HT')
  await pause(50)
  for (const socket of dripping) socket.write('T')
  await pause(50)
  const idle = await open(started.port)
  await openMany(6, started.port, '127.0.0.1', SLOW)
  await until(() => openOf([...posting, ...dripping]) === 0)
  assert.equal(isOpen(idle), true)
})

test('slow heads, slow bodies and answers that nobody reads are cut; spare connections stay', async () => {
  await using started = await start({ total: 100, perSource: 100 })
  const { port } = started
  const spare = await open(port)
  const kept = await open(port, '127.0.0.1', REQUEST)
  await once(kept, 'data')
  const body = 'POST /slow HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n'
  const slow = [await open(port, '127.0.0.1', 'GET /'), await open(port, '127.0.0.1', body)]
  const next = await open(port, '127.0.0.1', REQUEST)
  await once(next, 'data')
  slow.push(next)
  const unread = await open(port, '127.0.0.1', 'GET /large HTTP/1.1\r\nhost: x\r\n\r\n')
  unread.pause()
  const drip = setInterval(() => slow.forEach((socket) => isOpen(socket) && socket.write('x')), 200)
  const began = performance.now()
  await until(async () => openOf(slow) === 0 && (await connectionsOf(started.server)) === 2)
  clearInterval(drip)
  const waited = performance.now() - began
  assert.ok(waited > 4_000 && waited < 8_000, `${waited} ms`)
  assert.deepEqual([spare, kept].map(isOpen), [true, true])
  // Not late, however many requests one connection has.
  const steady = await open(port)
  for (let second = 0; second < 8; second += 1) {
    steady.write(REQUEST.replace('/', '/soon'))
    await once(steady, 'data')
  }
  assert.deepEqual([spare, kept, steady].map(isOpen), [true, true, true])
  unread.destroy()
})

const connectionsOf = (server: Server): Promise<number> => promisify(server.getConnections.bind(server))()

test('an IPv6 source is a network of 64 bits, and an IPv4 source is the same in IPv6 notation', () => {
  const server = createServer()
  limitConnections(server, { total: 100, perSource: 2 })
  const openFrom = (remoteAddress: string): Duplex => {
    const socket = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() })
    Object.assign(socket, { remoteAddress, remotePort: (port += 1), localAddress: '::', bytesRead: 0 })
    server.emit('connection', socket)
    return socket
  }
  let port = 0
  for (const [first, second, third, other] of [
    ['2001:db8::1', '2001:db8::ffff:1', '2001:db8:0:0:5::1', '2001:db8:0:1::1'],
    ['192.0.2.1', '::ffff:192.0.2.1', '192.0.2.1', '192.0.2.2'],
    ['fe80::1%eth0', 'fe80::2%eth0', 'fe80::3%eth1', 'fe80:0:0:1::1'],
  ] as const) {
    const one = openFrom(first)
    openFrom(other)
    openFrom(second)
    assert.equal(one.destroyed, false, first)
    openFrom(third)
    assert.equal(one.destroyed, true, first)
  }
})
