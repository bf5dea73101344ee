/** The commands on a cluster: what they say of kubelets that ask, and what approve does. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { checks } from '../../policies/index.ts'
import { CONFIG_LABEL } from '../../cli/cluster/installed.ts'
import type { Cluster } from '../kit/cluster.ts'
import { attempt, type Finished } from '../kit/child.ts'
import { metadataOf } from '../kit/kubelet/csr.ts'
import { startService } from '../kit/service/service.ts'
import { startCluster } from '../kit/start-cluster.ts'
import { eventually } from '../kit/until.ts'
import { Machines } from '../kit/kubelet/machines.ts'
import { TestNode } from '../kit/kubelet/test-node.ts'

const MAIN = join(import.meta.dirname, '../../cli/main.ts')
let plane: Cluster
let machines: Machines

before(async () => {
  plane = await startCluster()
  machines = new Machines(plane.directory)
})
after(async () => {
  await machines[Symbol.asyncDispose]()
  await plane.stop()
})

function run(...args: string[]): Promise<Finished> {
  return runAs(plane.adminKubeconfig, ...args)
}

function runAs(kubeconfig: string, ...args: string[]): Promise<Finished> {
  const { flags, environment } = machines.dialling
  return attempt([process.execPath, ...flags, MAIN, ...args, '--kubeconfig', kubeconfig], {
    env: environment,
  })
}

const joined = async (name: string, address: string) => await new TestNode(plane, name, address).join()

const object = (text: string): Record<string, unknown> => JSON.parse(text)

test('on a cluster without Nodes, status says so and is not content', async () => {
  const { code, stdout } = await run('status')
  assert.deepEqual([code, stdout], [1, 'No Nodes found.\n'])
})

test('explain shows what a CSR lacks, status who waits, and approve approves only what conforms', async () => {
  await machines.start(['198.51.100.1'])
  const good = await (await joined('honest', '198.51.100.1')).ask()
  const bad = await (await joined('liar', '198.51.100.2')).ask({ addresses: ['198.51.100.1'] })

  const explained = await run('explain', `csr/${good}`, '-o', 'json')
  assert.equal(explained.code, 0, explained.stdout + explained.stderr)
  const { controller, webhook, csr } = object(explained.stdout)
  const message = `Conforms: all ${checks.length + 1} checks pass`
  assert.deepEqual(controller, { verdict: 'approve', reason: 'Conforms', message, action: 'approved' })
  assert.deepEqual(Object(webhook)['verdict'], 'approve')
  assert.deepEqual(Object(csr)['state'], 'pending')

  const refused = await run('explain', 'liar')
  assert.equal(refused.code, 1)
  assert.match(
    refused.stdout,
    /^verdict {5}notYet: AddressNotOfNode: 198\.51\.100\.1 is not an address of Node liar[^]*^AddressNotOfNode\n {2}saw {7}198/mu,
  )

  const waiting = await run('status', '--no-dial')
  assert.equal(waiting.code, 1)
  assert.match(waiting.stdout, new RegExp(`^ {2}saw {7}Node honest: ${good} has been pending for `, 'mu'))
  assert.match(waiting.stdout, /^0 of 2 nodes serve a certificate of the cluster, 2 waiting/mu)

  const dry = await run('approve', '--dry-run', '-o', 'json')
  assert.equal(dry.code, 1)
  assert.match(
    dry.stdout,
    /"verdict": "approve"[^]*"verdict": "notYet"|"verdict": "notYet"[^]*"verdict": "approve"/u,
  )
  assert.equal((await run('explain', `csr/${good}`, '-o', 'json')).code, 0, 'a dry run writes nothing')

  const approved = await run(
    'approve',
    '--unproven',
    good,
    '--no-dial',
    '--node',
    'honest',
    '--timeout',
    '50s',
  )
  assert.equal(approved.code, 0, approved.stdout + approved.stderr)
  assert.match(approved.stdout, new RegExp(`^ *\\+\\d+\\.\\d s {2}honest {2}issued ${good}$`, 'mu'))

  const late = await run('approve', '--no-dial', '--expect', '2', '--timeout', '10s')
  assert.equal(late.code, 1)
  // At the end it says so in other words of a CSR that is older than 30 s.
  assert.match(late.stdout, new RegExp(`liar:? +${bad} is not approved: AddressNotOfNode: `, 'u'))
  assert.match(late.stdout, /^missing {2}liar: /mu)
})

test('approve waits for a kubeconfig that is not there yet, and says at the end what was missing', async () => {
  const { code, stderr } = await runAs(join(plane.directory, 'later.conf'), 'approve', '--timeout', '2s')
  assert.equal(code, 2)
  assert.match(
    stderr,
    /^kubelet-csr-gate: the kubeconfig .*later\.conf cannot be read: there is no such file\n$/u,
  )
})

test('a CSR that is issued is explained as if it was asked again', async () => {
  const listed = await plane.adminRequest('GET', '/apis/certificates.k8s.io/v1/certificatesigningrequests')
  const items = listed.body['items']
  assert.ok(Array.isArray(items))
  const issued = items.find((item) => JSON.stringify(item).includes('"certificate"'))
  const { name } = metadataOf(Object(issued))
  const { code, stdout } = await run('explain', `csr/${name}`, '--no-dial')
  assert.equal(code, 0, stdout)
  assert.match(stdout, /^judged {6}as if the same request was made now$/mu)
  assert.match(stdout, /^decided {5}Conforms: every check passes for node honest /mu)
})

test('owners shows what a running controller granted, and release has it forgotten', async () => {
  await using _service = await startService(plane, { webhook: false })
  const metadata = { name: 'gate-config', labels: { [CONFIG_LABEL]: 'installed' } }
  const policy = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { 'config.yaml': 'policy: {}' } }
  await plane.adminRequest('POST', '/api/v1/namespaces/kubelet-csr-gate/configmaps', policy)
  const csr = await (await joined('owner', '198.51.100.30')).ask()
  const held = await eventually('the controller has written it', 60, async () => {
    const { stdout } = await run('owners', '198.51.100.30', '-o', 'json')
    const [owner] = Object(object(stdout))['owners']
    return owner?.from === 'ledger' ? owner : undefined
  })
  assert.deepEqual([held.node, held.csr, held.kind, held.leftAt], ['owner', csr, 'address', null])

  const dry = await run('release', '198.51.100.30', '--dry-run')
  assert.match(dry.stdout, /^Node owner still reports it: [^]*^Nothing was written: --dry-run$/mu)
  const released = await run('release', '198.51.100.30', '--node', 'owner', '--timeout', '50s')
  assert.equal(released.code, 0, released.stdout + released.stderr)
  assert.match(released.stdout, /^The controller has forgotten these grants \(ConfigMap kubelet-csr-gate\//mu)
  const later = await run('owners', '198.51.100.30', 'owner', '-o', 'json')
  assert.deepEqual([later.code, Object(object(later.stdout))['free']], [1, ['198.51.100.30']])
})
