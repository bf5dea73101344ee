/** `doctor --rehearse`: whom proof of addresses would refuse, before it is required. The kubelets are on loopback. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { objectAt, textAt } from '../../server/json.ts'
import { attempt } from '../kit/child.ts'
import { Machines } from '../kit/kubelet/machines.ts'
import { LedgerCluster } from './ledger-cluster.fixture.ts'

const MAIN = join(import.meta.dirname, '../../cli/main.ts')
/** As many as show that the network works. */
const PROVEN = ['n-1', 'n-2', 'n-3', 'n-4']
const addressOf = (node: string): string => `198.51.100.${node.slice(2)}`

async function rehearse(cluster: LedgerCluster, machines: Machines, ...flags: string[]) {
  const { flags: preload, environment } = machines.dialling
  const argv = [process.execPath, ...preload, MAIN, 'doctor', '--rehearse', ...cluster.flags, ...flags]
  return await attempt(argv, { env: environment })
}

test('the Nodes that auto and require would refuse are listed, those that answer or were proven are not, and nothing is written', async () => {
  await using cluster = await LedgerCluster.start()
  await using machines = new Machines(cluster.api.folder)
  for (const node of [...PROVEN, 'n-5', 'n-6']) cluster.join(node, addressOf(node))
  for (const node of PROVEN) {
    const uid = textAt(objectAt(cluster.api.collection('/api/v1/nodes').get(node) ?? {}, 'metadata'), 'uid')
    cluster.grant(node, [addressOf(node)], uid)
    const machine = await machines.start([addressOf(node)])
    await machine.serve(await cluster.api.issue({ commonName: `system:node:${node}`, names: [node] }))
  }
  await machines.start([addressOf('n-6')])

  const { code, stdout } = await rehearse(cluster, machines, '-o', 'json')
  const [{ summary, nodes, looked }] = JSON.parse(stdout).clusters
  assert.deepEqual([code, looked.port], [1, 10_250])
  const counts = { approved: 5, refused: 1, notSeen: 0 }
  assert.deepEqual(summary, { auto: counts, require: counts })
  const silent = nodes.find(({ name }: { readonly name: string }) => name === 'n-5')
  assert.match(silent.auto.message, /^AddressUnproven: .*198\.51\.100\.5: where other kubelets answer/u)
  assert.match(
    silent.require.message,
    /^AddressUnproven: .*198\.51\.100\.5: `proof\.addresses` .* is `require`/u,
  )
  assert.ok(cluster.api.heard.every(({ method }) => method === 'GET'))
})

test('where no kubelet is reached, what was proven before goes on, and of the others nothing is claimed', async () => {
  await using cluster = await LedgerCluster.start()
  await using machines = new Machines(cluster.api.folder)
  for (const node of ['n-1', 'n-5']) cluster.join(node, addressOf(node))
  const uid = textAt(objectAt(cluster.api.collection('/api/v1/nodes').get('n-1') ?? {}, 'metadata'), 'uid')
  cluster.grant('n-1', [addressOf('n-1')], uid)
  const { code, stdout } = await rehearse(cluster, machines)
  assert.equal(code, 1)
  assert.match(stdout, /^n-5 +not seen +not seen +\S.*nothing shows that kubelets are reached from here$/mu)
  assert.match(stdout, /^proof\.addresses: auto would refuse 0 of 2 Nodes; 1 not seen from here$/mu)
  assert.match(stdout, /^looked from \S+, on port 10250 of each address$/mu)
})
