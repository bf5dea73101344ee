/** `policy replay` and `policy suggest` on a cluster where another approver decides. */
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { testContext } from '../../cli/context.fixture.ts'
import { CONFIG_LABEL } from '../../cli/cluster/installed.ts'
import { policyCommand } from '../../cli/policy.ts'
import { parsePolicyOrValues } from '../../server/policy/load.ts'
import { FaultyApi } from '../embedded/faulty-api.ts'
import { csrObject, CSRS } from '../kit/kubelet/csr.ts'
import { buildRequest } from '../kit/requests/request.ts'

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

/** By a policy, or by the installed one. */
async function replay(policy?: string, ...flags: readonly string[]) {
  const file = join(api.folder, 'new.yaml')
  if (policy !== undefined) await writeFile(file, policy)
  const context = testContext()
  const given = policy === undefined ? [] : ['--policy', file]
  const args = ['replay', ...given, '--kubeconfig', kubeconfig, ...flags]
  await policyCommand(context).parseAsync(['node', 'policy', ...args])
  return context.written
}

test('where the installed policy decides as the other approver did, nothing is shown', async () => {
  put('csr-own', ['worker-1', '198.51.100.1'], 'Approved')
  const { stdout, exitCode } = await replay()
  assert.match(
    stdout,
    /^1 stored CSRs: 0 approved would be refused, 0 others would be approved\npolicy the ConfigMap kube-system\/gate-config, hash /u,
  )
  assert.equal(exitCode, 0)
})

test('what depends on who answers is counted, and is no difference', async () => {
  put('csr-two', ['worker-2', '198.51.100.2'])
  const looked = await replay('proof: {addresses: auto}')
  assert.match(looked.stdout, /^would depend on who answers at their addresses: 1\. Nobody is dialled$/mu)
  assert.equal(looked.exitCode, 0)
  assert.doesNotMatch(looked.stdout, /^csr-two/mu)
  const wide = await replay('proof: {addresses: auto}', '-o', 'wide')
  assert.match(wide.stdout, /^csr-two +system:node:worker-2 +pending +depends on who answers +/mu)
  assert.equal(wide.exitCode, 0)
})

test('a stricter policy shows whom it would refuse, a looser one whom it would approve, and writes nothing', async () => {
  const stricter = await replay('names: {patterns: [worker-2]}', '-o', 'json')
  const { changes, dependOnLook, unknown } = JSON.parse(stricter.stdout)
  assert.deepEqual([changes.length, dependOnLook, unknown], [1, 1, null])
  const [{ name, username, state, reason }] = changes
  assert.deepEqual(
    [name, username, state, reason],
    ['csr-own', 'system:node:worker-1', 'approved', 'NameOutsidePolicy'],
  )
  const looser = await replay('proof: {addresses: off}')
  assert.match(looser.stdout, /^csr-two +system:node:worker-2 +pending +approved +Conforms: /mu)
  const names = await replay('proof: {addresses: off}', '-o', 'name')
  assert.equal(names.stdout, 'certificatesigningrequest.certificates.k8s.io/csr-two\n')
  assert.deepEqual([stricter.exitCode, looser.exitCode], [1, 1])
  assert.ok(api.heard.every(({ method }) => method === 'GET'))
})

test('what another approver approved and is a lie, and what it denied and conforms, are shown', async () => {
  api.collection(CSRS).remove('csr-two')
  put('csr-lie', ['worker-2', '198.51.100.9'], 'Approved')
  put('csr-denied', ['worker-1', '198.51.100.1'], 'Denied')
  const { stdout, exitCode } = await replay()
  assert.match(
    stdout,
    /^csr-lie +system:node:worker-2 +approved +refused +AddressNotOfNode: 198\.51\.100\.9 is not an address of Node worker-2/mu,
  )
  assert.match(stdout, /^csr-denied +system:node:worker-1 +denied +approved +Conforms: /mu)
  assert.match(stdout, /^3 stored CSRs: 1 approved would be refused, 1 others would be approved$/mu)
  assert.equal(exitCode, 1)
})

test('a policy with faults replays nothing', async () => {
  const { stderr, exitCode } = await replay('mode: x')
  assert.match(stderr, /mode: is "x", must be one of/u)
  assert.equal(exitCode, 2)
})

test('the values that are suggested are a valid policy that all Nodes fit', async () => {
  const context = testContext()
  await policyCommand(context).parseAsync(['node', 'policy', 'suggest', '--kubeconfig', kubeconfig])
  const { stdout, exitCode } = context.written
  assert.equal(
    stdout,
    '# Nodes that fit: 2, which is all. Nodes that join later must fit, too.\n' +
      'policy:\n  names:\n    patterns:\n      - worker-\\d+\n' +
      '  addresses:\n    prefixes:\n      - 198.51.100.0/24\n',
  )
  assert.equal(exitCode, 0)
  assert.equal((await parsePolicyOrValues(stdout, 'values')).ok, true)
})

async function suggest(...flags: readonly string[]) {
  const context = testContext()
  const args = ['node', 'policy', 'suggest', '--kubeconfig', kubeconfig, ...flags]
  await policyCommand(context).parseAsync(args)
  return context.written
}

test('values are suggested as JSON too, and for the Nodes with some labels', async () => {
  const metadata = { name: 'edge-1', labels: { pool: 'edge' } }
  api.collection('/api/v1/nodes').put({ metadata, status: { addresses: [] } })
  const all = JSON.parse((await suggest('-o', 'json')).stdout)
  assert.deepEqual(all.policy.addresses, { prefixes: ['198.51.100.0/24'] })
  const one = await suggest('-l', 'pool=edge')
  assert.match(one.stdout, /^# Nodes that fit: 1, which is all\./u)
  const none = await suggest('-l', 'pool=none')
  assert.deepEqual([none.stderr, none.exitCode], ['kubelet-csr-gate: no Node has these labels\n', 1])
})
