import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { startControlPlane } from './control-plane.ts'
import type { ControlPlane } from './control-plane.ts'
import { until } from '../kit/until.ts'

const PROCESSES = ['etcd', 'kube-apiserver', 'kube-controller-manager'] as const

test('two control planes at once are ready within 30 s, and leave nothing behind after stop', async () => {
  const started = performance.now()
  const planes = await Promise.all([startControlPlane(), startControlPlane({ dualStack: true })])
  const pids = planes.flatMap(pidsOf)
  const directories = planes.map(({ directory }) => directory)
  try {
    const seconds = (performance.now() - started) / 1000
    // Two at once on a loaded machine of two cores; one alone takes 5 to 7 s.
    assert.ok(seconds < 30, `${seconds} s for two`)
    const [one, other] = planes
    const created = await one.adminRequest('POST', '/api/v1/nodes', { metadata: { name: 'only-here' } })
    assert.equal(created.status, 201)
    assert.equal((await other.adminRequest('GET', '/api/v1/nodes/only-here')).status, 404)
    const ranges = await other.adminRequest('GET', '/apis/networking.k8s.io/v1/servicecidrs/kubernetes')
    assert.deepEqual(ranges.body['spec'], { cidrs: ['10.96.0.0/16', 'fd00:10:96::/112'] })
  } finally {
    for (const plane of planes) await plane.stop()
  }
  for (const pid of pids) assert.ok(!isAlive(pid), `${pid} is still alive`)
  for (const directory of directories) assert.ok(!existsSync(directory))
})

test('the API server survives a pause, a kill and a compaction with its data and its port', async () => {
  await using plane = await startControlPlane({ audit: true })
  const person = { user: 'system:node:n1', groups: ['system:nodes'] }
  const node = await plane.clientFor(person)
  assert.equal((await node.request('POST', '/api/v1/nodes', { metadata: { name: 'n1' } })).status, 201)
  assert.equal((await node.request('POST', '/api/v1/nodes', { metadata: { name: 'n2' } })).status, 403)
  assert.equal((await plane.impersonate(person).request('GET', '/api/v1/nodes/n1')).status, 200)

  await plane.pauseApiServer()
  const waiting = node.request('GET', '/api/v1/nodes/n1')
  assert.equal(await Promise.race([waiting.then(() => 'answered'), sleep(500, 'waiting')]), 'waiting')
  plane.resumeApiServer()
  assert.equal((await waiting).status, 200)

  await plane.compactEtcd()
  await plane.killApiServer()
  await assert.rejects(node.request('GET', '/api/v1/nodes/n1'), /GET \/api\/v1\/nodes\/n1: /)
  await plane.restartApiServer()
  assert.equal((await node.request('GET', '/api/v1/nodes/n1')).status, 200)
})

test('a controller manager that ends is started again', async () => {
  await using plane = await startControlPlane()
  const before = plane.pidOf('kube-controller-manager')
  process.kill(before, 'SIGKILL')
  await until(() => plane.pidOf('kube-controller-manager') !== before, 'it is started again')
  process.kill(plane.pidOf('kube-controller-manager'), 0)
})

test('a service account may do what its rules say, and nothing else', async () => {
  await using plane = await startControlPlane()
  const kubeconfig = await plane.createServiceAccountKubeconfig({
    namespace: 'webhook',
    name: 'reader',
    clusterRules: [{ apiGroups: [''], resources: ['nodes'], verbs: ['list'] }],
  })
  assert.ok(existsSync(kubeconfig))
  const account = plane.impersonate({
    user: 'system:serviceaccount:webhook:reader',
    groups: ['system:serviceaccounts', 'system:authenticated'],
  })
  assert.equal((await account.request('GET', '/api/v1/nodes')).status, 200)
  assert.equal((await account.request('GET', '/api/v1/nodes/n1')).status, 403)
})

test('a control plane whose parent is killed leaves nothing behind', async () => {
  const script = `
    import { startControlPlane } from ${JSON.stringify(join(import.meta.dirname, 'control-plane.ts'))}
    const plane = await startControlPlane()
    const pids = ${JSON.stringify(PROCESSES)}.map((name) => plane.pidOf(name))
    console.log(JSON.stringify({ pids, directory: plane.directory }))
  `
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = await once(parent.stdout, 'data')
  const { pids, directory }: { pids: number[]; directory: string } = JSON.parse(String(line))
  assert.ok(pids.every(isAlive))
  parent.kill('SIGKILL')
  await until(() => !pids.some(isAlive), `none of ${pids.join(' ')} runs`, 10_000)
  await until(() => !existsSync(directory), `${directory} is gone`, 10_000)
})

function pidsOf(plane: ControlPlane): number[] {
  return PROCESSES.map((name) => plane.pidOf(name))
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
