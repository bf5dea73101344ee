/** `status` says why each name and address is a Node's. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testContext } from '../../cli/context.fixture.ts'
import { statusCommand } from '../../cli/status.ts'
import { objectAt, textAt } from '../../server/json.ts'
import { LedgerCluster } from './ledger-cluster.fixture.ts'

async function statusOf(cluster: LedgerCluster, format: string): Promise<string> {
  const context = testContext()
  const args = ['--no-dial', '-o', format, ...cluster.flags]
  await statusCommand(context).parseAsync(['node', 'status', ...args])
  return context.written.stdout
}

async function startCluster(): Promise<LedgerCluster> {
  const cluster = await LedgerCluster.start()
  cluster.join('node-1', '10.0.0.1', '10.0.0.2', '10.0.0.3')
  cluster.join('node-2', '10.0.0.1', '10.0.0.4')
  const node = cluster.api.collection('/api/v1/nodes').get('node-1') ?? {}
  cluster.grant('node-1', ['10.0.0.1', '10.0.0.2'], textAt(objectAt(node, 'metadata'), 'uid'))
  return cluster
}

test('status says why each name and address is a Node’s, in words and for programs', async () => {
  await using cluster = await startCluster()
  const { nodes } = JSON.parse(await statusOf(cluster, 'json')).clusters[0]
  const [one, two] = nodes.map(({ belongs }: { readonly belongs: readonly Record<string, string>[] }) =>
    belongs.map(({ kind, value, why }) => `${kind} ${value} ${why}`),
  )
  assert.deepEqual(one, [
    'name node-1 ownName',
    'address 10.0.0.1 grantedAndSeen',
    'address 10.0.0.2 told',
    'address 10.0.0.3 unproven',
  ])
  assert.deepEqual(two, ['name node-2 ownName', 'address 10.0.0.1 notItsOwn', 'address 10.0.0.4 unproven'])

  const wide = await statusOf(cluster, 'wide')
  assert.match(wide, /^node-1 +10\.0\.0\.1 +granted, and seen to answer as this Node, last at 2026-01-01 /mu)
  assert.match(wide, /^node-1 +10\.0\.0\.2 +granted without proof$/mu)
  assert.match(
    wide,
    /^node-2 +10\.0\.0\.1 +not its own: it was granted to Node node-1 with CSR csr-of-node-1$/mu,
  )
  assert.doesNotMatch(await statusOf(cluster, 'table'), /NAME OR ADDRESS/u)
})

test('where the ledger cannot be read, nothing is said of what was granted', async () => {
  await using cluster = await startCluster()
  cluster.damage('node-1')
  const { nodes } = JSON.parse(await statusOf(cluster, 'json')).clusters[0]
  assert.deepEqual(
    nodes.map(({ belongs }: { readonly belongs: unknown }) => belongs),
    [null, null],
  )
})
