import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { objectAt, textAt } from '../../server/json.ts'
import type { JsonObject } from '../../server/ports.ts'
import { startChild } from '../kit/child.ts'
import { type ControlPlane, startControlPlane } from '../control-plane/control-plane.ts'
import { freePort } from '../kit/ports.ts'
import { createCsr } from '../kit/kubelet/csr.ts'
import { buildRequest } from '../kit/requests/request.ts'
import { until } from '../kit/until.ts'
import { CHART, FULLNAME, NAMESPACE, RELEASE, render } from './helm.ts'
import { run } from './lifecycle.ts'
import { containerOf, listOf, nameOf, textsOf } from './objects.ts'
import { podKubeconfig } from './pod-account.ts'

const ENTRY = join(import.meta.dirname, '..', '..', 'cli', 'main.ts')
const ACCOUNT = `system:serviceaccount:${NAMESPACE}:${FULLNAME}`
const LEASE = `/apis/coordination.k8s.io/v1/namespaces/${NAMESPACE}/leases/${FULLNAME}`
/** More than the cache keeps of a CSR, so that it is read again before it is judged. */
const MANY_NAMES = Array.from({ length: 1_000 }, (_, index) => `node-1-${index}.example`)
/** For loaded machines; it takes seconds. */
const USED_WITHIN_MS = 60_000

/** A permission, as `get nodes in *`. */
type Permission = string

/** Of the roles bound to the account of the pods. `approve signers` is no request: permissions.test.ts tests it. */
async function granted(values: object): Promise<readonly Permission[]> {
  const objects = await render(values)
  const bindings = objects.filter(({ subjects }) => listOf(subjects).some(({ name }) => name === FULLNAME))
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

/** What the account requested, by the audit log of the API server. */
async function used({ auditLog }: ControlPlane): Promise<readonly Use[]> {
  const lines = (await readFile(auditLog, 'utf8')).split('\n').filter((line) => line.includes(ACCOUNT))
  return lines.flatMap((line) => {
    const event: JsonObject = JSON.parse(line)
    const about = objectAt(event, 'objectRef')
    if (textAt(objectAt(event, 'user'), 'username') !== ACCOUNT) return []
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

/** Runs the container of the rendered pod with its account, but with files and ports of this machine. */
async function startPod(cluster: ControlPlane, values: object) {
  const [workload = {}] = await render(values, '--show-only', 'templates/workload.yaml')
  const kubeconfig = await podKubeconfig(cluster)
  const policy = join(cluster.directory, 'policy.yaml')
  await writeFile(policy, '')
  const args = textsOf(containerOf(workload), 'args').filter(
    (flag) => !/^--(policy|metrics-listen|webhook-listen)=/.test(flag),
  )
  const own = [
    `--policy=${policy}`,
    `--kubeconfig=${kubeconfig}`,
    `--metrics-listen=127.0.0.1:${await freePort()}`,
    `--webhook-listen=127.0.0.1:${await freePort()}`,
  ]
  return startChild({
    name: 'pod',
    path: process.execPath,
    args: [ENTRY, ...args, ...own],
    logFile: join(cluster.directory, 'pod.log'),
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

test('a run uses each permission that the chart grants, and asks for none that it does not grant', async () => {
  await using cluster = await startControlPlane({ audit: true })
  const values = { webhook: { failurePolicy: 'Ignore' } }
  const release = { cluster, name: RELEASE, values, program: 'helm' } as const
  await run(release, 'install', RELEASE, CHART, '--create-namespace')
  // the pods create a deleted Lease again
  await cluster.adminRequest('DELETE', LEASE)
  await ask(cluster)
  await using pod = await startPod(cluster, values)
  const wanted = await granted(values)
  const areUsed = async (): Promise<boolean> => {
    const seen = new Set((await used(cluster)).map(({ permission }) => permission))
    return pod.ended() !== null || wanted.every((permission) => seen.has(permission))
  }
  // the assertion below names what is missing
  await until(areUsed, 'all permissions are used', USED_WITHIN_MS, 250).catch(() => undefined)
  const uses = await used(cluster)
  assert.deepEqual(
    [...new Set(uses.map(({ permission }) => permission))].toSorted(),
    wanted,
    await pod.tail(),
  )
  assert.deepEqual(
    uses.filter(({ code }) => code === 403),
    [],
  )
})
