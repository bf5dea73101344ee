import assert from 'node:assert/strict'
import { once } from 'node:events'
import { rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer as createTlsServer } from 'node:tls'
import { after, before, test } from 'node:test'
import { type Authority, createAuthority } from '../../test/kit/pki.ts'
import { type Dialled, kubeletDialer, inParallel } from './dial.ts'

let authority: Authority
const servers: Server[] = []

before(async () => {
  authority = await createAuthority('cluster-ca')
})
after(async () => {
  for (const server of servers) server.close()
  await rm(process.env['LOOPBACK_DIALS'] ?? '', { force: true })
})

const KUBELET = { address: '198.51.100.1', port: 10_250 }

/** Dials of the kubelets' port lead to ports on loopback, which is not dialled itself. */
async function leadDials(ports: Readonly<Record<string, number>>): Promise<void> {
  const file = join(tmpdir(), `kubelet-csr-gate-dials-${process.pid}.json`)
  await writeFile(file, JSON.stringify(ports))
  process.env['LOOPBACK_DIALS'] = file
  await import('../../test/kit/kubelet/loopback-dials.ts')
}

async function dial(server: Server, timeoutMs = 5_000): Promise<Dialled> {
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  await leadDials({ [KUBELET.address]: address.port })
  return await kubeletDialer(authority.certPem, timeoutMs)(KUBELET)
}

async function kubelet(by: Authority, commonName = 'system:node:n1'): Promise<Server> {
  const pair = await by.issue({ commonName, names: ['n1'], addresses: ['10.0.0.1'] })
  return createTlsServer({ cert: pair.certPem, key: pair.keyPem })
}

test('a certificate that a CA of the cluster signed is verified, whatever address it is for', async () => {
  const dialled = await dial(await kubelet(authority))
  assert.ok(dialled.kind === 'certificate')
  assert.equal(dialled.verified, true)
  assert.equal(dialled.certificate.subject, 'CN=system:node:n1')
})

test('a certificate of another CA is shown and not verified', async () => {
  const dialled = await dial(await kubelet(await createAuthority('other-ca')))
  assert.ok(dialled.kind === 'certificate')
  assert.equal(dialled.verified, false)
})

test('a kubelet without a certificate is told from one that is not there', async () => {
  const bare = createServer((socket) => {
    // TLS 1.2 record: alert, fatal, internal_error
    socket.once('data', () => socket.end(Buffer.from([0x15, 3, 3, 0, 2, 2, 80])))
  })
  assert.deepEqual(await dial(bare), { kind: 'noCertificate' })
})

test('what does not speak TLS, does not answer, or refuses says nothing of a kubelet', async () => {
  const web = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
  assert.deepEqual(await dial(web), { kind: 'nothing', because: 'it does not speak TLS as a kubelet does' })
  const silent = createServer(() => undefined)
  assert.deepEqual(await dial(silent, 50), { kind: 'nothing', because: 'no answer in 50 ms' })
  await leadDials({ [KUBELET.address]: 1 })
  assert.deepEqual(await kubeletDialer('')(KUBELET), {
    kind: 'nothing',
    because: 'ECONNREFUSED',
  })
})

test('addresses that belong to no host are not dialled', async () => {
  const own = ['127.0.0.1', '127.0.0.12', '::1', '::ffff:127.0.0.1']
  for (const address of [...own, '0.0.0.0', '169.254.169.254', '224.0.0.1', '::', 'fe80::1', 'ff02::1'])
    assert.deepEqual(await kubeletDialer('')({ address, port: 10_250 }), {
      kind: 'nothing',
      because: 'its address belongs to no host',
    })
})

test('64 are dialled at once, and their results keep the order', async () => {
  let running = 0
  let most = 0
  const numbers = Array.from({ length: 100 }, (_, index) => index)
  const results = await inParallel(numbers, async (number) => {
    most = Math.max(most, (running += 1))
    await new Promise((resolve) => setTimeout(resolve, 1))
    running -= 1
    return number * 2
  })
  assert.equal(most, 64)
  assert.deepEqual(
    results,
    numbers.map((number) => number * 2),
  )
})
