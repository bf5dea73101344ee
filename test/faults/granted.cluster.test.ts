/** What was granted outlasts the CSR that shows it, and who leads while the state of the cluster is not known. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { objectAt, textAt } from '../../server/json.ts'
import type { Cluster } from '../kit/cluster.ts'
import { CSRS, listOf } from '../kit/kubelet/csr.ts'
import { standing, TestNode, untilAll } from '../kit/kubelet/test-node.ts'
import { startService } from '../kit/service/service.ts'
import { startCluster } from '../kit/start-cluster.ts'
import { until } from '../kit/until.ts'
import { openProxy } from './proxy.ts'

const APPROVED_MS = 15_000
const STARTED_MS = 40_000
const CONFIG_MAPS = '/api/v1/namespaces/kubelet-csr-gate/configmaps'
const LEASE = '/apis/coordination.k8s.io/v1/namespaces/kubelet-csr-gate/leases/kubelet-csr-gate'

/** The node is granted what it asks for, the ledger notes it, and the CSR goes. */
async function grantAndForget(cluster: Cluster, node: TestNode, dnsNames = [node.name]): Promise<void> {
  await node.report({ names: dnsNames, addresses: [node.address] })
  const csr = await node.ask({ dnsNames })
  await untilAll(cluster, [csr], ({ approved }) => approved, APPROVED_MS)
  const isNoted = async () => JSON.stringify(await listOf(cluster, CONFIG_MAPS)).includes(csr)
  await until(isNoted, 'it is in the ledger', APPROVED_MS)
  await cluster.adminRequest('DELETE', `${CSRS}/${csr}`)
}

test('neither an address nor a name whose evidence is gone goes to another, also while its holder’s Node is made again', async () => {
  await using cluster = await startCluster()
  await using service = await startService(cluster, { webhook: false, drainSeconds: 0 })
  const askInVain = async (node: TestNode, reason: string): Promise<void> => {
    const csr = await node.ask()
    assert.equal((await service.decisionOn(csr, 'controller')).reason, reason)
    assert.equal((await standing(cluster, csr)).approved, false)
  }
  const victim = await new TestNode(cluster, 'victim', '198.51.100.20').join()
  await grantAndForget(cluster, victim)
  const liar = await new TestNode(cluster, 'liar', victim.address).join()
  await askInVain(liar, 'AddressContested')
  await victim.leave()
  await askInVain(liar, 'AddressContested')
  await new TestNode(cluster, 'victim', victim.address).join()
  await askInVain(liar, 'AddressContested')

  const name = 'honest.example.com'
  const honest = await new TestNode(cluster, 'honest', '198.51.100.21').join()
  await grantAndForget(cluster, honest, [honest.name, name])
  await askInVain(await new TestNode(cluster, name, '198.51.100.22').join(), 'NameContested')
  await grantAndForget(cluster, honest, [honest.name, name])
})

test('a replica that cannot read the Nodes does not take the Lease, and takes it once it can', async () => {
  await using cluster = await startCluster()
  await using proxy = await openProxy(cluster)
  const holder = async () =>
    textAt(objectAt((await cluster.adminRequest('GET', LEASE)).body, 'spec'), 'holderIdentity')
  proxy.instead = ({ url }, response) => {
    const isOfNodes = url.startsWith('/api/v1/nodes')
    if (isOfNodes) response.writeHead(503).end()
    return isOfNodes
  }
  const starting = startService(cluster, {
    webhook: false,
    leaderElect: true,
    server: proxy.url,
    drainSeconds: 0,
  })
  const looks = () => proxy.seen.filter(({ url }) => url.includes('/leases/')).length
  await until(() => looks() > 2, 'it has looked at the Lease several times', STARTED_MS)
  assert.equal(await holder(), '')
  proxy.instead = () => false
  await using _service = await starting
  await until(async () => (await holder()) !== '', 'it leads', STARTED_MS)
})
