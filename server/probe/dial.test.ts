import assert from 'node:assert/strict'
import { createHash, createPublicKey, generateKeyPairSync } from 'node:crypto'
import { createServer, type Socket } from 'node:net'
import { test } from 'node:test'
import { setImmediate as otherWork } from 'node:timers/promises'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'
import { createAuthority, type Holder, type Pair } from '../../test/kit/pki.ts'
import { writeCertificate } from '../der/certificate-writer.ts'
import type { Sight } from '../../policies/types.ts'
import { createDial, DIAL_MS } from './dial.ts'
import { Trust } from './trust.ts'

const LOOPBACK = '7f000001'
const HALF_A_MINUTE_AGO = -30 / 86_400

const cluster = await createAuthority('kubernetes')
const kubelets = await createAuthority('kubelet serving')
const stranger = await createAuthority('kubernetes')
const kubelet: Holder = { commonName: 'system:node:worker-1', organizations: ['system:nodes'], names: ['w'] }

function dialWith(port: number, { own = null }: { readonly own?: string | null } = {}) {
  const trust = new Trust({ clusterCa: async () => cluster.certPem, kubeletCa: () => own })
  return createDial({ port, context: () => trust.context() })(LOOPBACK)
}

/** What a dial sees of a TLS server with this certificate. */
async function seenOf(pair: Pair, options: TlsOptions = {}, own: string | null = null): Promise<Sight> {
  const server = createTlsServer({ cert: pair.certPem, key: pair.keyPem, ...options })
  server.on('tlsClientError', () => undefined)
  await using port = await listening(server)
  return await dialWith(port.number, { own })
}

/** What a dial sees of a server that treats each connection so. */
async function seenOfPeer(treat: (connection: Socket) => void): Promise<Sight> {
  const server = createServer((connection) => {
    connection.on('error', () => undefined)
    treat(connection)
  })
  await using port = await listening(server)
  return await dialWith(port.number)
}

async function listening(server: ReturnType<typeof createServer>) {
  const open = new Set<Socket>()
  server.on('connection', (connection: Socket) => open.add(connection))
  const { promise, resolve } = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', resolve)
  await promise
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  return {
    number: address.port,
    async [Symbol.asyncDispose]() {
      for (const connection of open) connection.destroy()
      server.close()
    },
  }
}

/** Sends an alert, RFC 8446 §6, once the client has spoken. */
const alert = (description: number) => (connection: Socket) => {
  connection.once('data', () => connection.end(Buffer.from([21, 3, 3, 0, 2, 2, description])))
}

/** Sends for as long as anybody reads. */
const endless = (sent: Buffer) => (connection: Socket) => {
  const send = (): void => {
    while (connection.write(sent));
  }
  connection.on('drain', send)
  send()
}

function keyOf({ certPem }: Pair): string {
  const spki = createPublicKey(certPem).export({ type: 'spki', format: 'der' })
  return createHash('sha256').update(spki).digest('hex')
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now()
  await work()
  return (performance.now() - begun) / 1_000
}

test('a kubelet with a certificate of the cluster is known by its key and its Node', async () => {
  const pair = await cluster.issue(kubelet)
  const seen = { kind: 'certificate', spkiSha256: keyOf(pair), node: 'worker-1' }
  assert.deepEqual(await seenOf(pair), seen)
  assert.deepEqual(await seenOf(pair, { maxVersion: 'TLSv1.2' }), seen)
  assert.deepEqual(await seenOf(pair, { requestCert: true, rejectUnauthorized: false }), seen)
})

test('a self-made certificate, one of another CA of the same name, one that is expired or not valid yet, a client’s: a key, but no Node', async () => {
  const expired = await cluster.issue({ ...kubelet, days: HALF_A_MINUTE_AGO })
  const { names: _names, ...client } = kubelet
  const early = await cluster.issue({ ...kubelet, daysAgo: -1 })
  const foreign = [await stranger.issue(kubelet), expired, early, await cluster.issue(client), stranger]
  for (const pair of foreign)
    assert.deepEqual(await seenOf(pair), { kind: 'certificate', spkiSha256: keyOf(pair), node: null })
})

test('a common name that is no node’s names no Node', async () => {
  for (const commonName of ['worker-1', 'system:node:', 'system:node:Worker', 'system:nodes:worker-1']) {
    const pair = await cluster.issue({ ...kubelet, commonName })
    assert.deepEqual(await seenOf(pair), { kind: 'certificate', spkiSha256: keyOf(pair), node: null })
  }
})

test('a CA of the kubelets’ own counts besides the cluster’s, once it is configured', async () => {
  const pair = await kubelets.issue(kubelet)
  const seen = { kind: 'certificate', spkiSha256: keyOf(pair) }
  assert.deepEqual(await seenOf(pair), { ...seen, node: null })
  assert.deepEqual(await seenOf(pair, {}, kubelets.certPem), { ...seen, node: 'worker-1' })
  const ofCluster = await cluster.issue(kubelet)
  assert.deepEqual(await seenOf(ofCluster, {}, kubelets.certPem), {
    kind: 'certificate',
    spkiSha256: keyOf(ofCluster),
    node: 'worker-1',
  })
})

test('a CA that another one signed counts without that one, since the signer may have no other', async () => {
  const newKeys = () => generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const [root, middle, own] = [newKeys(), newKeys(), newKeys()]
  const validity = { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + 3_600_000) }
  const ca = writeCertificate(
    {
      ...validity,
      subject: 'middle',
      issuer: 'root',
      publicKey: middle.publicKey,
      role: { kind: 'authority' },
    },
    root.privateKey,
  )
  const server = { kind: 'server', names: ['worker-1'] } as const
  const subject = 'system:node:worker-1'
  const certPem = writeCertificate(
    { ...validity, subject, issuer: 'middle', publicKey: own.publicKey, role: server },
    middle.privateKey,
  )
  const keyPem = own.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const pair = { certPem, keyPem }
  assert.deepEqual(await seenOf(pair, {}, ca), {
    kind: 'certificate',
    spkiSha256: keyOf(pair),
    node: 'worker-1',
  })
})

test('a new CA counts from the next dial but one, and while a login fails or hangs the last one does', async () => {
  let read = async () => cluster.certPem
  const trust = new Trust({ clusterCa: async () => await read(), kubeletCa: () => null })
  const first = await trust.context()
  read = async () => kubelets.certPem
  assert.equal(await trust.context(), first)
  await otherWork()
  const second = await trust.context()
  assert.notEqual(second, first)
  read = async () => {
    throw new Error('the login failed')
  }
  assert.equal(await trust.context(), second)
  await otherWork()
  read = async () => await new Promise(() => undefined)
  assert.equal(await trust.context(), second)
  assert.equal(await trust.context(), second)
})

test('the alert internal_error is a kubelet without a certificate, and no other alert is', async () => {
  assert.deepEqual(await seenOfPeer(alert(80)), { kind: 'noCertificate' })
  // handshake_failure, bad_certificate, protocol_version, unrecognized_name, close_notify
  for (const description of [40, 42, 70, 112, 0])
    assert.deepEqual(await seenOfPeer(alert(description)), { kind: 'other' })
})

test('an address without a listener shows nothing, at once', async () => {
  await using port = await listening(createServer())
  await port[Symbol.asyncDispose]()
  const took = await seconds(async () => assert.deepEqual(await dialWith(port.number), { kind: 'nothing' }))
  assert.ok(took < DIAL_MS / 1_000, `${took} s`)
})

test('whatever is not TLS is something else', async () => {
  assert.deepEqual(await seenOfPeer((peer) => peer.end('HTTP/1.1 400 Bad Request\r\n\r\n')), {
    kind: 'other',
  })
  assert.deepEqual(await seenOfPeer((peer) => peer.write('SSH-2.0-OpenSSH_9.9\r\n')), { kind: 'other' })
  assert.deepEqual(await seenOfPeer((peer) => peer.once('data', () => peer.end())), { kind: 'other' })
})

test('a handshake that takes longer than a second is cut, and nothing was seen', async () => {
  const took = await seconds(async () => {
    assert.deepEqual(await seenOfPeer(() => undefined), { kind: 'nothing' })
  })
  assert.ok(took >= 0.99 && took < 3, `${took} s`)
})

test('a peer that sends without end is cut after 64 KiB', async () => {
  const helloRequests = Buffer.concat(
    Array.from({ length: 8_192 }, () => Buffer.from([22, 3, 3, 0, 4, 0, 0, 0, 0])),
  )
  for (const sent of [Buffer.alloc(65_536), Buffer.alloc(65_536, 22), helloRequests]) {
    let connection: Socket | undefined
    const took = await seconds(async () => {
      const seen = await seenOfPeer((peer) => {
        connection = peer
        endless(sent)(peer)
      })
      assert.deepEqual(seen, { kind: 'other' })
    })
    assert.ok(took < DIAL_MS / 1_000, `${took} s`)
    assert.ok(connection?.destroyed)
  }
})

test('a dial ends the handshake, hangs up and sends no application data', { timeout: 5_000 }, async () => {
  const pair = await cluster.issue(kubelet)
  let received = 0
  const { promise: ended, resolve } = Promise.withResolvers<void>()
  const server = createTlsServer({ cert: pair.certPem, key: pair.keyPem }, (secure) => {
    secure.on('data', (chunk: Buffer) => (received += chunk.length))
    secure.on('error', () => undefined)
    secure.on('close', () => resolve())
    assert.equal(secure.servername, false)
  })
  await using port = await listening(server)
  await dialWith(port.number)
  await ended
  assert.equal(received, 0)
})
