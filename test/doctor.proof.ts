import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openSession } from '../cli/cluster/session.ts'
import { diagnose } from '../cli/diagnose/diagnose.ts'
import type { Facts } from '../cli/diagnose/facts.ts'
import { dryRunCsr } from '../cli/diagnose/gather/dry-run-csr.ts'
import { gather } from '../cli/diagnose/gather.ts'
import { startControlPlane } from './control-plane/control-plane.ts'

async function openedAs(kubeconfig: string) {
  const opened = await openSession({ kubeconfig }, {})
  assert.ok(opened.ok, JSON.stringify(opened))
  return opened.session
}

async function factsFor(kubeconfig: string): Promise<Facts> {
  const session = await openedAs(kubeconfig)
  try {
    return await gather(session, { dials: () => true, dialled: () => undefined })
  } finally {
    await session.cluster.close()
  }
}

/** What may be unknown, by name. */
function unknownOf(facts: Facts): string[] {
  return Object.entries(facts).flatMap(([name, value]: [string, unknown]) =>
    typeof value === 'object' && value !== null && 'known' in value && value.known === false ? [name] : [],
  )
}

test('a real API server shows its state to an admin, and hides it from others without seeming fine', async () => {
  await using plane = await startControlPlane()
  const node = await plane.clientFor({ user: 'system:node:n1', groups: ['system:nodes'] })
  await node.request('POST', '/api/v1/nodes', { metadata: { name: 'n1' } })
  const before = (await plane.adminRequest('GET', '/api/v1/nodes')).body

  const admin = await factsFor(plane.adminKubeconfig)
  assert.deepEqual(admin.nodeRestriction, { known: true, value: 'enforced' })
  assert.deepEqual(admin.webhook, { known: true, value: null })
  assert.deepEqual(unknownOf(admin), ['apiServers', 'controllerManagers', 'ownLogs'])
  const findings = diagnose(admin)
  assert.deepEqual(
    findings
      .filter(({ severity }) => severity === 'critical' || severity === 'warning')
      .map(({ code }) => code),
    ['NodeWithoutAddress'],
  )
  // Nothing was created.
  const after = (await plane.adminRequest('GET', '/api/v1/nodes')).body
  assert.deepEqual(after['items'], before['items'])

  // The request of the other dry run is one that a real API server reads and verifies.
  const session = await openedAs(plane.adminKubeconfig)
  assert.deepEqual(await dryRunCsr(session), { outcome: 'admitted', message: '' })
  await session.cluster.close()

  const stranger = await factsFor(await plane.kubeconfigFor({ user: 'jane' }))
  const hidden = unknownOf(stranger)
  assert.deepEqual(hidden.toSorted(), [
    'apiServers',
    'approvers',
    'controllerManagers',
    'csrs',
    'kubeadm',
    'kubeletConfig',
    'kubelets',
    'leader',
    'nodeRestriction',
    'nodes',
    'ownLogs',
    'policy',
    'webhook',
    'workloads',
  ])
  assert.deepEqual(
    diagnose(stranger)
      .filter(({ severity }) => severity !== 'notVisible')
      .map(({ code }) => code),
    ['ClocksAgree'],
  )
})
