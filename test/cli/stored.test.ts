/** `policy replay` and `shadow` on CSRs that another approver decides about. */
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { testContext } from '../../cli/context.fixture.ts'
import { CONFIG_LABEL } from '../../cli/cluster/installed.ts'
import { policyCommand } from '../../cli/policy.ts'
import { shadowCommand } from '../../cli/shadow.ts'
import { parsePolicyOrValues } from '../../server/policy/load.ts'
import { FaultyApi } from '../embedded/faulty-api.ts'
import { csrObject, CSRS } from '../kit/kubelet/csr.ts'
import { buildRequest } from '../kit/requests/request.ts'
import { until } from '../kit/until.ts'

let api: FaultyApi
let kubeconfig: string

before(async () => {
  api = await FaultyApi.start()
  const ranges = api.collection('/apis/networking.k8s.io/v1/servicecidrs')
  ranges.put({ metadata: { name: 'kubernetes' }, spec: { cidrs: ['10.96.0.0/16'] } })
  const policies = api.collection('/api/v1/namespaces/kube-system/configmaps')
  const metadata = { name: 'gate-config', labels: { [CONFIG_LABEL]: 'installed' } }
  policies.put({ metadata, data: { 'config.yaml': 'policy: {mode: enforce}\n' } })
  kubeconfig = await api.writeKubeconfig()
  join1('worker-1', '198.51.100.1')
  join1('worker-2', '198.51.100.2')
})
after(() => api[Symbol.asyncDispose]())

function join1(name: string, address: string): void {
  const addresses = [
    { type: 'Hostname', address: name },
    { type: 'InternalIP', address },
  ]
  api.collection('/api/v1/nodes').put({ metadata: { name }, status: { addresses } })
}

/** A CSR of a node for its own name and an address, with a condition of the other approver. */
function put(name: string, [node, address]: readonly [string, string], type?: 'Approved' | 'Denied'): void {
  const { request } = buildRequest({
    commonName: `system:node:${node}`,
    dnsNames: [node],
    addresses: [address],
  })
  const object = csrObject({ request, metadata: { name } })
  const groups = ['system:nodes', 'system:authenticated']
  const spec = { ...Object(object['spec']), username: `system:node:${node}`, groups }
  const conditions =
    type === undefined ? [] : [{ type, status: 'True', reason: 'other', message: 'by another' }]
  api.collection(CSRS).put({ ...object, metadata: { name }, spec, status: { conditions } })
}

async function replay(policy: string, ...flags: readonly string[]) {
  const file = join(api.folder, 'new.yaml')
  await writeFile(file, policy)
  const context = testContext()
  const args = ['replay', '--policy', file, '--kubeconfig', kubeconfig, ...flags]
  await policyCommand(context).parseAsync(['node', 'policy', ...args])
  return context.written
}

test('a policy that changes nothing about the stored CSRs says so', async () => {
  put('csr-own', ['worker-1', '198.51.100.1'], 'Approved')
  const { stdout, exitCode } = await replay('addresses: {prefixes: [198.51.100.0/24]}')
  assert.match(
    stdout,
    /^1 stored CSRs: 0 would change; approved 1 before, 1 after\nbefore the ConfigMap kube-system\/gate-config, hash /u,
  )
  assert.equal(exitCode, 0)
})

test('a stricter policy shows whom it would refuse, a looser one whom it would approve, and writes nothing', async () => {
  put('csr-two', ['worker-2', '198.51.100.2'])
  const stricter = 'names: {patterns: [worker-1]}'
  const { stdout, exitCode } = await replay(stricter, '-o', 'json')
  const { changes, approved, dependOnLook, unknown } = JSON.parse(stdout)
  assert.deepEqual([approved, unknown, changes.length], [{ before: 1, after: 1 }, null, 1])
  assert.deepEqual(dependOnLook, { before: 1, after: 0 })
  assert.equal(changes[0].name, 'csr-two')
  assert.deepEqual(changes[0].before.action, 'left')
  assert.deepEqual([changes[0].after.action, changes[0].after.reason], ['left', 'NameOutsidePolicy'])
  assert.equal(exitCode, 1)
  await writeFile(join(api.folder, 'old.yaml'), stricter)
  const looser = await replay('', '--against', join(api.folder, 'old.yaml'))
  assert.match(
    looser.stdout,
    /^csr-two +system:node:worker-2 +pending +left NameOutsidePolicy +depends on who answers +AddressContested: nobody has looked who answers at 198\.51\.100\.2: nobody dials$/mu,
  )
  assert.match(
    looser.stdout,
    /^would depend on who answers at their addresses: 0 before, 1 after\. Nobody is dialled$/mu,
  )
  await writeFile(join(api.folder, 'old.yaml'), 'proof: {addresses: off}')
  const looked = await replay('', '--against', join(api.folder, 'old.yaml'))
  assert.match(looked.stdout, /: 0 would change; approved 2 before, 1 after$/mu)
  assert.equal(looked.exitCode, 0, 'what a look decides is no change')
  assert.ok(api.heard.every(({ method }) => method === 'GET'))
})

test('shadow reports what was approved and would be refused, and what was denied or waits and would be approved', async (t) => {
  const stop = Promise.withResolvers<string>()
  t.after(() => stop.resolve('SIGINT'))
  const context = { ...testContext(), nextStop: () => stop.promise }
  const running = shadowCommand(context).parseAsync(['node', 'shadow', '--kubeconfig', kubeconfig])
  await until(() => api.collection(CSRS).watchers >= 2, 'the CSRs are watched')
  put('csr-lie', ['worker-2', '198.51.100.9'])
  put('csr-lie', ['worker-2', '198.51.100.9'], 'Approved')
  put('csr-denied', ['worker-1', '198.51.100.1'], 'Denied')
  await until(
    () => context.written.stdout.includes('csr-lie') && context.written.stdout.includes('csr-denied'),
    'both are reported',
  )
  stop.resolve('SIGINT')
  await running
  const { stdout, exitCode } = context.written
  assert.match(
    stdout,
    /^would refuse {3}csr-lie {2}system:node:worker-2 {2}approved {2}AddressNotOfNode: 198\.51\.100\.9 is not an address of Node worker-2/mu,
  )
  assert.match(stdout, /^would approve {2}csr-denied {2}system:node:worker-1 {2}denied {2}Conforms: /mu)
  assert.match(
    stdout,
    /^4 CSRs compared\n {2}approved there, refused here: 1 \(1 AddressNotOfNode\)\n {2}not approved there, approved here: 1\n {2}would depend on who answers at their addresses: 1$/mu,
  )
  assert.equal(exitCode, 1)
  assert.ok(api.heard.every(({ method }) => method === 'GET'))
})

test('shadow ends by itself, and with 0 if both agree', async () => {
  for (const name of ['csr-lie', 'csr-denied', 'csr-two']) api.collection(CSRS).remove(name)
  const context = testContext()
  await shadowCommand(context).parseAsync([
    'node',
    'shadow',
    '--kubeconfig',
    kubeconfig,
    '--for',
    '4s',
    '-o',
    'json',
  ])
  const { compared, unknown, disagreements } = JSON.parse(context.written.stdout)
  assert.deepEqual([compared, unknown, disagreements, context.written.exitCode], [1, 0, [], 0])
})

test('the values that are suggested are a valid policy that all Nodes fit', async () => {
  const context = testContext()
  await policyCommand(context).parseAsync(['node', 'policy', 'suggest', '--kubeconfig', kubeconfig])
  const { stdout, exitCode } = context.written
  assert.equal(
    stdout,
    '# All 2 Nodes fit. Nodes that join later must fit, too.\n' +
      'policy:\n  names:\n    patterns:\n      - worker-\\d+\n' +
      '  addresses:\n    prefixes:\n      - 198.51.100.0/24\n',
  )
  assert.equal(exitCode, 0)
  assert.equal((await parsePolicyOrValues(stdout, 'values')).ok, true)
})
