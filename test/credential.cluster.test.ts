/** What an API server says of how a requester authenticated, and what the policy makes of it. */
import assert from 'node:assert/strict'
import { createHash, X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { TestNode } from './kit/kubelet/test-node.ts'
import { type Client, createClient } from './kit/client.ts'
import type { Cluster } from './kit/cluster.ts'
import { createCsr, metadataOf } from './kit/kubelet/csr.ts'
import { type Service, startService } from './kit/service/service.ts'
import { startCluster } from './kit/start-cluster.ts'

/** A node with a client certificate of its own, as its kubelet has. */
async function joined(cluster: Cluster, name: string, address: string) {
  const node = new TestNode(cluster, name, address)
  await node.join()
  const pair = await cluster.issue({ commonName: `system:node:${name}`, organizations: ['system:nodes'] })
  const fingerprint = createHash('sha256').update(new X509Certificate(pair.certPem).raw).digest('hex')
  return { node, pair, fingerprint }
}

async function decidedFor(service: Service, client: Client, node: TestNode) {
  const { body } = await createCsr(client, { request: node.request() })
  const { verdict, reason, message } = await service.decisionOn(metadataOf(body).name, 'controller')
  return { verdict, reason, message }
}

test('a client certificate is required and known by its fingerprint; an impersonated node shows none', async () => {
  await using cluster = await startCluster()
  const [own, stolen] = [await joined(cluster, 'n1', '10.0.3.1'), await joined(cluster, 'n2', '10.0.3.2')]
  const policy = `credential: {require: true, refused: [${stolen.fingerprint}]}`
  await using service = await startService(cluster, { webhook: false, drainSeconds: 0, policy })
  using client = createClient(cluster.url, { caPem: cluster.caPem, ...own.pair })
  assert.equal((await decidedFor(service, client, own.node)).verdict, 'approve')
  assert.match(await service.tail(), new RegExp(`"credentialId":"X509SHA256=${own.fingerprint}"`, 'u'))
  using thief = createClient(cluster.url, { caPem: cluster.caPem, ...stolen.pair })
  assert.deepEqual(await decidedFor(service, thief, stolen.node), {
    verdict: 'notYet',
    reason: 'CredentialRefused',
    message: `CredentialRefused: the client certificate ${stolen.fingerprint} is in credential.refused of the policy`,
  })
  const { reason, message } = await decidedFor(service, own.node.client, own.node)
  assert.equal(reason, 'CredentialRefused')
  assert.match(message, /^CredentialRefused: the requester has the credential-id \(none\)\./u)
})
