import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { objectAt, textAt } from '../../server/json.ts'
import type { JsonObject } from '../../server/ports.ts'
import { type ControlPlane, startControlPlane } from '../control-plane/control-plane.ts'
import { createCsr } from '../kit/kubelet/csr.ts'
import { buildRequest } from '../kit/requests/request.ts'
import { until } from '../kit/until.ts'
import { CHART, FULLNAME, NAMESPACE, RELEASE, render } from './helm.ts'
import { run } from './lifecycle.ts'
import { listOf, nameOf, textsOf, workloadsIn } from './objects.ts'
import { type Pod, startPod } from './pods.ts'

const SECRET = `/api/v1/namespaces/${NAMESPACE}/secrets/${FULLNAME}-tls`
/** More than the cache keeps of a CSR, so that it is read again before it is judged. */
const MANY_NAMES = Array.from({ length: 1_000 }, (_, index) => `node-1-${index}.example`)
const LEDGER = 'app.kubernetes.io/component=ledger'
/** For loaded machines; it takes seconds. */
const USED_WITHIN_MS = 60_000

/** A permission, as `get nodes in *`. */
type Permission = string

/** Of the roles bound to an account of the pods. `approve signers` is no request: permissions.proof.ts tests it. */
function granted(objects: readonly JsonObject[], account: string): readonly Permission[] {
  const bindings = objects.filter(({ subjects }) => listOf(subjects).some(({ name }) => name === account))
  const bound = bindings.map((binding) => textAt(objectAt(binding, 'roleRef'), 'name'))
  const roles = objects.filter(
    (object) => textAt(object, 'kind').endsWith('Role') && bound.includes(nameOf(object)),
  )
  const permissions = roles.flatMap((role) =>
    listOf(role['rules']).flatMap((rule) => permissionsOf(role, rule)),
  )
  return [...new Set(permissions)]
    .filter((permission) => !permission.startsWith('approve signers'))
    .toSorted()
}

function permissionsOf(role: JsonObject, rule: JsonObject): readonly Permission[] {
  const where = textAt(objectAt(role, 'metadata'), 'namespace') || '*'
  return textsOf(rule, 'apiGroups').flatMap((group) =>
    textsOf(rule, 'resources').flatMap((resource) =>
      textsOf(rule, 'verbs').map((verb) => permissionOf({ verb, resource, group, where })),
    ),
  )
}

function permissionOf({ verb, resource, group, where }: Readonly<Record<string, string>>): Permission {
  return `${verb} ${resource}${group === '' ? '' : `.${group}`} in ${where}`
}

interface Use {
  readonly permission: Permission
  readonly code: number
}

/** What an account requested, by the audit log of the API server. */
async function used({ auditLog }: ControlPlane, account: string): Promise<readonly Use[]> {
  const user = `system:serviceaccount:${NAMESPACE}:${account}`
  const lines = (await readFile(auditLog, 'utf8')).split('\n').filter((line) => line.includes(user))
  return lines.flatMap((line) => {
    const event: JsonObject = JSON.parse(line)
    const about = objectAt(event, 'objectRef')
    if (textAt(objectAt(event, 'user'), 'username') !== user) return []
    const resource = [textAt(about, 'resource'), textAt(about, 'subresource')].filter(Boolean).join('/')
    const where = textAt(about, 'namespace') || '*'
    const permission = permissionOf({
      verb: textAt(event, 'verb'),
      resource,
      group: textAt(about, 'apiGroup'),
      where,
    })
    return [{ permission, code: Number(objectAt(event, 'responseStatus')['code']) }]
  })
}

/** Creates a CSR of an existing Node, one too large for the cache, and one of a missing Node. */
async function ask(cluster: ControlPlane): Promise<void> {
  const addresses = [
    { type: 'Hostname', address: 'node-1' },
    { type: 'InternalIP', address: '10.0.0.1' },
  ]
  await cluster.adminRequest('POST', '/api/v1/nodes', { metadata: { name: 'node-1' } })
  await cluster.adminRequest('PATCH', '/api/v1/nodes/node-1/status', { status: { addresses } })
  const create = async (node: string, dnsNames: readonly string[] = [node]) => {
    using client = cluster.impersonate({ user: `system:node:${node}`, groups: ['system:nodes'] })
    const { request } = buildRequest({ commonName: `system:node:${node}`, dnsNames })
    const { status } = await createCsr(client, { request })
    assert.equal(status, 201)
  }
  await create('node-1')
  await create('node-1', MANY_NAMES)
  await create('node-2')
}

/** Takes the label of what was written of the ledger: the controller finds the name taken, reads it, and writes to it again. */
async function hideLedger(cluster: ControlPlane): Promise<void> {
  const path = `/api/v1/namespaces/${NAMESPACE}/configmaps`
  const written = async (): Promise<readonly JsonObject[]> => {
    const { body } = await cluster.adminRequest('GET', `${path}?labelSelector=${encodeURIComponent(LEDGER)}`)
    return listOf(body['items'])
  }
  await until(async () => (await written()).length > 0, 'the ledger is written', USED_WITHIN_MS, 250)
  for (const shard of await written())
    await cluster.adminRequest('PATCH', `${path}/${nameOf(shard)}`, {
      metadata: { labels: { 'app.kubernetes.io/component': null } },
    })
}

/** Waits until the pods have used what they are granted; what they used otherwise, and what was refused, is a failure. */
async function assertAllUsed(cluster: ControlPlane, objects: readonly JsonObject[], pods: readonly Pod[]) {
  for (const { account, child } of pods) {
    const wanted = granted(objects, account)
    const areUsed = async (): Promise<boolean> => {
      const seen = new Set((await used(cluster, account)).map(({ permission }) => permission))
      return child.ended() !== null || wanted.every((permission) => seen.has(permission))
    }
    // the assertion below names what is missing
    await until(areUsed, 'all permissions are used', USED_WITHIN_MS, 250).catch(() => undefined)
    const uses = await used(cluster, account)
    const permissions = [...new Set(uses.map(({ permission }) => permission))].toSorted()
    assert.deepEqual(permissions, wanted, `${account}: ${await child.tail()}`)
    assert.deepEqual(
      uses.filter(({ code }) => code === 403),
      [],
    )
  }
}

for (const profile of ['cluster', 'hostNetwork'])
  test(`${profile}: a run uses each permission that the chart grants, and asks for none that it does not grant`, async () => {
    await using cluster = await startControlPlane({ audit: true })
    // no address that a made-up node reports is dialled
    const values = { profile, webhook: { failurePolicy: 'Ignore' }, policy: { proof: { addresses: 'off' } } }
    const release = { cluster, name: RELEASE, values, program: 'helm' } as const
    await run(release, 'install', RELEASE, CHART, '--create-namespace')
    await ask(cluster)
    const objects = await render(values)
    await using pods = new AsyncDisposableStack()
    const started: Pod[] = []
    // those that fill the Secret first: the others start when it is mounted
    for (const workload of workloadsIn(objects).toReversed()) {
      const pod = await startPod(cluster, workload)
      pods.use(pod)
      started.push(pod)
    }
    const isFilled = async () => (await cluster.adminRequest('GET', SECRET)).body['data'] !== undefined
    await until(isFilled, 'the Secret is filled', USED_WITHIN_MS)
    await hideLedger(cluster)
    await assertAllUsed(cluster, objects, started)
  })
