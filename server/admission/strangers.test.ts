import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, request as httpsRequest } from 'node:https'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import { parsePrefix } from '../../policies/address.ts'
import { createAuthority } from '../../test/kit/pki.ts'
import type { Judge } from '../ports.ts'
import { issueAuthority, issueLeaf } from '../tls/authority.ts'
import { createWebhookServer, type WebhookServer, type WebhookServerParts } from './server.ts'
import { deciding, decisionOf, goodReview, partsFor } from './good-review.fixture.ts'

const now = Date.now()
const authority = issueAuthority(now)
const leaf = issueLeaf(authority, ['127.0.0.1'], now)
const certificate = { key: leaf.key, cert: leaf.certificate }
const ca = authority.certificate
const good = JSON.stringify(goodReview())
const HEAD = 'POST /validate HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n'

const clients = await createAuthority('api-servers')
const strangers = await createAuthority('strangers')
const ofClients = await clients.issue({ commonName: 'kube-apiserver' })
const ofStrangers = await strangers.issue({ commonName: 'kube-apiserver' })
const identity = { cert: ofClients.certPem, key: ofClients.keyPem }

const found = {
  code: 'AddressNotOfNode',
  outcome: 'notYet',
  detail: 'it has 10.0.0.5',
  publicDetail: 'asked',
} as const
const refusing = deciding(decisionOf('notYet', [found]))
/** Decides once `count` reviews are under way. */
function together(count: number): Judge {
  const { promise, resolve } = Promise.withResolvers<void>()
  let waiting = 0
  return async (input) => {
    waiting += 1
    if (waiting === count) resolve()
    await promise
    return await deciding(decisionOf('approve'))(input)
  }
}

interface Started {
  readonly webhook: WebhookServer
  readonly port: number
  [Symbol.asyncDispose](): Promise<void>
}

async function start(change: Partial<WebhookServerParts> = {}, judge: Judge = refusing): Promise<Started> {
  const { parts } = partsFor(judge)
  const webhook = createWebhookServer({ ...parts, certificate, clientCa: null, callers: [], ...change })
  const { port } = await webhook.listen({ host: '0.0.0.0', port: 0 })
  return { webhook, port, [Symbol.asyncDispose]: () => webhook.close() }
}

interface Got {
  readonly status: number
  readonly closes: boolean
  readonly body: string
}

async function review(port: number, options: object = {}): Promise<Got> {
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(good) }
  const address = { host: '127.0.0.1', port, path: '/validate?timeout=3s', method: 'POST' }
  const call = httpsRequest({ ...address, headers, ca, agent: false, ...options })
  call.end(good)
  const [response] = await once(call, 'response')
  const chunks: Buffer[] = await response.toArray()
  const closes = response.headers.connection === 'close'
  return { status: response.statusCode, closes, body: Buffer.concat(chunks).toString() }
}

async function open(port: number, options: ConnectionOptions = {}, text = ''): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', port, ca, ...options })
  socket.on('error', () => undefined).resume()
  await once(socket, 'secureConnect')
  if (text !== '') socket.write(text)
  return socket
}

async function openMany(count: number, port: number, options?: object, text?: string): Promise<TLSSocket[]> {
  const batches: TLSSocket[] = []
  while (batches.length < count)
    batches.push(...(await Promise.all(Array.from({ length: 32 }, () => open(port, options, text)))))
  return batches
}

const destroyAll = (sockets: readonly TLSSocket[]): void => sockets.forEach((socket) => socket.destroy())

for (const count of [128, 1_024]) {
  test(`${count} connections that are idle or half asked shut nobody out, from the same address or another`, async () => {
    await using started = await start()
    const kinds = ['', HEAD, `${HEAD}content-length: 4000\r\n\r\n{`, 'GET / HTTP/1.1\r\nhost: x\r\n\r\n']
    const agent = new Agent({ keepAlive: true, ca })
    assert.equal((await review(started.port, { agent })).status, 200)
    const sockets: TLSSocket[] = []
    for (const [index, text] of kinds.entries()) {
      const localAddress = `127.0.0.${1 + (index % 2)}`
      sockets.push(...(await openMany(count / kinds.length, started.port, { localAddress }, text)))
    }
    const asked = performance.now()
    const own = Array.from({ length: 20 }, () => review(started.port, { localAddress: '127.0.0.9' }))
    const same = Array.from({ length: 20 }, () => review(started.port, { localAddress: '127.0.0.2' }))
    for (const { status } of await Promise.all([...own, ...same])) assert.equal(status, 200)
    const waited = performance.now() - asked
    // The API server waits 3 s.
    assert.ok(waited < 3_000, `${waited} ms`)
    destroyAll(sockets)
    agent.destroy()
  })
}

test('API servers behind one address are never cut: 253 reviews under way and 128 idle connections', async () => {
  await using started = await start({}, together(253))
  const idle = await openMany(128, started.port)
  const others = await openMany(128, started.port, { localAddress: '127.0.0.2' })
  const reviews = Array.from({ length: 253 }, () => review(started.port))
  for (const { status } of await Promise.all(reviews)) assert.equal(status, 200)
  assert.equal(idle.filter((socket) => socket.readableEnded || socket.closed).length, 0)
  destroyAll([...idle, ...others])
})

test('a connection to spare is still there after seconds without a byte', async () => {
  await using started = await start()
  const spare = await open(started.port)
  await pause(7_000)
  spare.write(`${HEAD}content-length: ${Buffer.byteLength(good)}\r\n\r\n${good}`)
  const [text] = await once(spare, 'data')
  assert.match(String(text), /^HTTP\/1\.1 200/u)
  spare.destroy()
})

test('TLS renegotiation is refused', async () => {
  await using started = await start()
  const socket = await open(started.port, { maxVersion: 'TLSv1.2' })
  const renegotiated = new Promise<string>((resolve) => {
    socket.renegotiate({}, (error) => resolve(error === null ? 'renegotiated' : 'refused'))
    socket.on('close', () => resolve('refused'))
  })
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
  assert.equal(await Promise.race([renegotiated, pause(1_000, 'refused')]), 'refused')
  socket.destroy()
})

test('with a client CA, only a certificate that it signed is answered, before the body is read', async () => {
  await using started = await start({ clientCa: clients.certPem })
  const refused = { cert: ofStrangers.certPem, key: ofStrangers.keyPem }
  for (const options of [{}, refused, { maxVersion: 'TLSv1.2' }]) {
    const { status, closes, body } = await review(started.port, options)
    assert.deepEqual([status, closes], [403, true])
    assert.match(
      body,
      /reviews without a client certificate of the CA in webhook.clientCAFile are not judged/u,
    )
  }
  assert.equal((await review(started.port, identity)).status, 200)
  const waiting = await open(started.port, {}, `${HEAD}content-length: 4000\r\n\r\n`)
  const [text] = await once(waiting, 'data')
  assert.match(String(text), /^HTTP\/1\.1 403/u)
})

test('a session that is resumed proves no more than the one before', async () => {
  await using started = await start({ clientCa: clients.certPem })
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    const first = connect({ host: '127.0.0.1', port: started.port, ca, maxVersion })
    first.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
    const [session] = await once(first, 'session')
    const second = await open(started.port, { maxVersion, session }, `${HEAD}content-length: 9\r\n\r\n`)
    const [text] = await once(second, 'data')
    assert.equal(second.isSessionReused(), true)
    assert.match(String(text), /^HTTP\/1\.1 403/u)
    first.destroy()
  }
})

test('another client CA counts for new connections, and earlier ones end with their next answer', async () => {
  await using started = await start({ clientCa: clients.certPem })
  const agent = new Agent({ keepAlive: true, ca, ...identity })
  assert.equal((await review(started.port, { agent })).closes, false)
  started.webhook.verifyBy(strangers.certPem)
  assert.deepEqual(await statusAndClose(started.port, { agent }), [200, true])
  assert.deepEqual(await statusAndClose(started.port, { agent }), [403, true])
  started.webhook.serveCertificate(certificate)
  const other = { cert: ofStrangers.certPem, key: ofStrangers.keyPem }
  assert.deepEqual(await statusAndClose(started.port, { ...other, headers: { connection: 'keep-alive' } }), [
    415,
    false,
  ])
  agent.destroy()
})

async function statusAndClose(port: number, options: object): Promise<[number, boolean]> {
  const { status, closes } = await review(port, options)
  return [status, closes]
}

test('with prefixes, reviews from other addresses are refused', async () => {
  const prefix = parsePrefix('127.0.0.2/32')
  assert.ok(prefix !== undefined)
  await using started = await start({ callers: [prefix] })
  const { status, body } = await review(started.port)
  assert.deepEqual(
    [status, JSON.parse(body).title],
    [403, 'reviews from this address are not judged. Check webhook.callers'],
  )
  assert.equal((await review(started.port, { localAddress: '127.0.0.2' })).status, 200)
})

test('what a check has seen is told to proven callers only', async () => {
  const messageAt = async (change: Partial<WebhookServerParts>): Promise<string> => {
    await using started = await start(change)
    return JSON.parse((await review(started.port, identity)).body).response.status.message
  }
  const loopback = parsePrefix('127.0.0.0/8')
  assert.ok(loopback !== undefined)
  assert.equal(await messageAt({}), 'AddressNotOfNode: asked')
  assert.equal(await messageAt({ clientCa: clients.certPem }), 'AddressNotOfNode: it has 10.0.0.5')
  assert.equal(await messageAt({ callers: [loopback] }), 'AddressNotOfNode: it has 10.0.0.5')
})
