/** The guard, as the chart registers it. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { objectAt, textAt } from '../server/json.ts'
import type { Cluster } from './kit/cluster.ts'
import type { Answer, Client } from './kit/client.ts'
import { CSRS, csrObject, metadataOf } from './kit/kubelet/csr.ts'
import { Machines } from './kit/kubelet/machines.ts'
import { buildRequest } from './kit/requests/request.ts'
import { type Service, startService } from './kit/service/service.ts'
import { untilInEffect } from './kit/service/webhook.ts'
import { until } from './kit/until.ts'
import { registerEntry } from './kit/service/webhook.ts'
import { isEmbedded, startCluster } from './kit/start-cluster.ts'
import { standing, TestNode } from './kit/kubelet/test-node.ts'

const APPROVAL_MS = 20_000
const cleanUp = new AsyncDisposableStack()
let cluster: Cluster
let service: Service
let machines: Machines
let node: TestNode
let admin: Client
let oncall: Client

before(async () => {
  cluster = cleanUp.use(await startCluster())
  machines = cleanUp.use(new Machines(cluster.directory))
  const config = { guard: { enabled: true, breakGlassGroups: ['oncall'] } }
  service = cleanUp.use(
    await startService(cluster, { controller: false, config, machines, proof: 'require' }),
  )
  const groups = ['system:masters', 'system:authenticated']
  admin = cluster.impersonate({ user: 'alice', groups })
  oncall = cluster.impersonate({ user: 'bob', groups: [...groups, 'oncall'] })
  node = await startNode('n1', '198.51.100.7')
  await registerEntry(cluster, 'guard.kubelet-csr-gate.io', service.webhookUrl)
  const probe = await ask('kubernetes')
  await untilInEffect(async () => (await decide(admin, probe, 'Approved', '?dryRun=All')).status === 403)
})
after(() => cleanUp.disposeAsync())

/** A Node whose kubelet answers with a certificate of its own. */
async function startNode(name: string, address: string): Promise<TestNode> {
  const machine = await machines.start([address])
  await machine.serve(await cluster.issue({ commonName: `system:node:${name}`, addresses: [address] }))
  return await new TestNode(cluster, name, address).join()
}

/** Creates a CSR of n1 for a DNS name, with a key of its own; returns its name. No webhook looks at it. */
async function ask(dnsName = 'n1'): Promise<string> {
  return await node.ask({ dnsNames: [dnsName] })
}

/** As `kubectl certificate approve` and `deny` do. */
async function decide(client: Client, name: string, type: string, query = ''): Promise<Answer> {
  const { body } = await cluster.adminRequest('GET', `${CSRS}/${name}`)
  const conditions = [{ type, status: 'True', reason: `Kubectl${type}`, message: 'by hand' }]
  const status = { ...objectAt(body, 'status'), conditions }
  return await client.request('PUT', `${CSRS}/${name}/approval${query}`, { ...body, status })
}

test('an approval by hand of what policy refuses is refused with the reason, by every verb', async () => {
  const name = await ask('kubernetes.default.svc')
  const answer = await decide(admin, name, 'Approved')
  assert.equal(answer.status, 403)
  assert.match(
    textAt(answer.body, 'message'),
    /^admission webhook "guard\.kubelet-csr-gate\.io" denied the request: NameReserved: /,
  )
  const conditions = [{ type: 'Approved', status: 'True', reason: 'x' }]
  const path = `${CSRS}/${name}/approval`
  assert.equal((await admin.request('PATCH', path, { status: { conditions } })).status, 403)
  const applied = {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { name },
    status: { conditions },
  }
  assert.equal(
    (await admin.apply(`${path}?fieldManager=t&force=true`, applied)).status,
    isEmbedded ? 415 : 403,
  )
  assert.equal((await standing(cluster, name)).approved, false)
})

test('an approval by hand of what conforms is allowed, and is signed', async () => {
  const name = await ask()
  const answer = await decide(admin, name, 'Approved')
  assert.equal(answer.status, 200, textAt(answer.body, 'message'))
  const issued = async () => (await standing(cluster, name)).certificate ?? undefined
  assert.ok(await until(issued, 'the certificate is issued', APPROVAL_MS))
})

test('the guard dials as the controller does: another Node answers, or nobody', async () => {
  const [another, silent] = ['198.51.100.8', '198.51.100.9']
  // n2 does not report where it answers: only a look shows it.
  await (await startNode('n2', another)).report({ names: ['n2'], addresses: ['198.51.100.10'] })
  for (const [address, refusal] of [
    [another, /AddressContested: another Node also claims 198\.51\.100\.8/u],
    [silent, /AddressUnproven: nobody answers as the requester at 198\.51\.100\.9/u],
  ] as const) {
    const addresses = [node.address, address]
    await node.report({ names: ['n1'], addresses })
    const name = await node.ask({ addresses })
    const decideOnReport = async () => {
      const answer = await decide(admin, name, 'Approved', '?dryRun=All')
      // The guard learns of the report by a watch, a moment later.
      return !textAt(answer.body, 'message').includes('AddressNotOfNode') && answer
    }
    const answer = await until(decideOnReport, 'the guard knows what the Node reports')
    assert.equal(answer.status, 403)
    assert.match(textAt(answer.body, 'message'), refusal)
  }
  await node.report({ names: ['n1'], addresses: [node.address] })
})

test('a member of a break-glass group approves past policy, with a warning', async () => {
  const name = await ask('kubernetes.default.svc')
  const { status, warnings } = await decide(oncall, name, 'Approved', '?dryRun=All')
  assert.equal(status, 200)
  assert.match(warnings[0] ?? '', /^299 - "NameReserved: /)
  assert.equal(
    warnings.at(-1),
    '299 - "kubelet-csr-gate: approved past policy by a member of the group oncall"',
  )
})

test('anything may be denied', async () => {
  for (const name of [await ask(), await ask('kubernetes')])
    assert.equal((await decide(admin, name, 'Denied')).status, 200)
})

test('CSRs for other signers are approved without a question', async () => {
  const object = csrObject({ request: buildRequest().request, usages: ['client auth'] })
  const spec = { ...objectAt(object, 'spec'), signerName: 'example.com/other' }
  const { body } = await admin.request('POST', CSRS, { ...object, spec })
  await service.stop()
  assert.equal((await decide(admin, metadataOf(body).name, 'Approved')).status, 200)
})

test('while no pod answers, approvals by hand are refused, denials are not, and the controller approves', async () => {
  const [honest, hostile] = [await ask(), await ask('kubernetes')]
  const refused = await decide(admin, honest, 'Approved')
  assert.equal(refused.status, 500)
  assert.match(textAt(refused.body, 'message'), /failed calling webhook "guard\.kubelet-csr-gate\.io"/)
  assert.equal((await decide(admin, hostile, 'Denied')).status, 200)
  cleanUp.use(await startService(cluster, { webhook: false }))
  const isApproved = async () => ((await standing(cluster, honest)).approved ? true : undefined)
  assert.ok(await until(isApproved, 'the controller approves', APPROVAL_MS))
})
