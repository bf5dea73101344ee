/** What a node may write into its own Node, at its largest. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { selectNode } from '../server/facts/nodes.ts'
import { Informer } from '../server/kube/informer.ts'
import { connect } from '../server/kube/transport.ts'
import { listen } from './kit/quiet.ts'
import { startCluster } from './kit/start-cluster.ts'
import { until } from './kit/until.ts'

const NODES = '/api/v1/nodes'
/** With 1.5 MiB etcd would refuse it. Each `<` is six bytes as the API server writes JSON. */
const FILLER = '<'.repeat(1_450_000)

const nodeOf = (name: string) => ({ apiVersion: 'v1', kind: 'Node', metadata: { name } })

test('a node that makes its own Node as large as etcd takes keeps no other Node from being read', async (t) => {
  await using plane = await startCluster()
  const asked = (user: string) =>
    plane.impersonate({ user, groups: ['system:nodes', 'system:authenticated'] })
  const hostile = asked('system:node:hostile')
  const { log, recorder, said } = listen()
  const cluster = connect({ env: {}, kubeconfig: plane.adminKubeconfig }, recorder)
  const list = () =>
    new Informer({
      name: 'nodes',
      title: 'Nodes',
      path: NODES,
      select: selectNode,
      cluster,
      log,
      recorder,
    })
  const watching = list()
  const listing = list()
  t.after(async () => {
    await Promise.all([watching.stop(), listing.stop()])
    await cluster.close()
  })
  watching.start()
  assert.equal((await hostile.request('POST', NODES, nodeOf('hostile'))).status, 201)
  const filled = { status: { images: [{ names: [FILLER] }] } }
  assert.equal((await hostile.request('PATCH', `${NODES}/hostile/status`, filled)).status, 200)
  assert.equal((await asked('system:node:honest').request('POST', NODES, nodeOf('honest'))).status, 201)
  listing.start()
  await until(() => watching.get('honest') !== undefined, 'the watch tells of the honest Node')
  await until(() => listing.get('honest') !== undefined, 'the list tells of the honest Node')
  assert.deepEqual([watching.state().problem, listing.state().problem], [null, null])
  await until(() => watching.isUnreadable('hostile'), 'the watch passes the hostile Node over')
  await until(() => listing.isUnreadable('hostile'), 'the list passes the hostile Node over')
  assert.deepEqual(
    [...new Set(said)].filter((line) => !line.startsWith('debug')),
    ['warn: an object cannot be read'],
  )
})
