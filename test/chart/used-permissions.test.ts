import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { objectAt, textAt } from '../../server/json.ts'
import type { Json, JsonObject } from '../../server/ports.ts'
import { startChild } from '../kit/child.ts'
import { type ControlPlane, startControlPlane } from '../control-plane/control-plane.ts'
import { writeKubeconfig } from '../kit/kubeconfig.ts'
import { freePort } from '../kit/ports.ts'
import { createCsr } from '../kit/kubelet/csr.ts'
import { buildRequest } from '../kit/requests/request.ts'
import { CHART, FULLNAME, helm, NAMESPACE, RELEASE, render } from './helm.ts'

const ENTRY = join(import.meta.dirname, '..', '..', 'cli', 'main.ts')
const ACCOUNT = `system:serviceaccount:${NAMESPACE}:${FULLNAME}`
const LEASE = `/apis/coordination.k8s.io/v1/namespaces/${NAMESPACE}/leases/${FULLNAME}`
/** More than is kept of a CSR, so that it is read again before it is judged. */
const LARGE = 'x'.repeat(40_000)
/** Of loaded cores; it takes seconds. */
const PATIENCE_MS = 60_000

/** What is granted or used, as `get nodes in *`. */
type Right = string

/** Of the roles that are bound to the pods' account. Approving for a signer is no request: permissions.test.ts tries it. */
async function granted(values: object): Promise<readonly Right[]> {
  const objects = await render(values)
  const bindings = objects.filter(({ subjects }) =>
    listOf(subjects).some((subject) => textAt(subject, 'name') === FULLNAME),
  )
  const bound = bindings.map((binding) => textAt(objectAt(binding, 'roleRef'), 'name'))
  const roles = objects.filter(
    ({ kind, metadata }) =>
      (kind === 'ClusterRole' || kind === 'Role') && bound.includes(textAt(objectAt(metadata), 'name')),
  )
  const rights = roles.flatMap((role) => listOf(role['rules']).flatMap((rule) => rightsOf(role, rule)))
  return [...new Set(rights)].filter((right) => !right.startsWith('approve signers')).toSorted()
}

function rightsOf(role: JsonObject, rule: JsonObject): readonly Right[] {
  const where = textAt(objectAt(role, 'metadata'), 'namespace') || '*'
  return namesOf(rule, 'apiGroups').flatMap((group) =>
    namesOf(rule, 'resources').flatMap((resource) =>
      namesOf(rule, 'verbs').map((verb) => rightOf({ verb, resource, group, where })),
    ),
  )
}

function rightOf({ verb, resource, group, where }: Readonly<Record<string, string>>): Right {
  return `${verb} ${resource}${group === '' ? '' : `.${group}`} in ${where}`
}

interface Use {
  readonly right: Right
  readonly code: number
}

/** Of what the account asked the API server, by the server's own log. */
async function used({ auditLog }: ControlPlane): Promise<readonly Use[]> {
  const lines = (await readFile(auditLog, 'utf8')).split('\n').filter((line) => line.includes(ACCOUNT))
  return lines.flatMap((line) => {
    const event: JsonObject = JSON.parse(line)
    const about = objectAt(event, 'objectRef')
    if (textAt(objectAt(event, 'user'), 'username') !== ACCOUNT) return []
    const resource = [textAt(about, 'resource'), textAt(about, 'subresource')].filter(Boolean).join('/')
    const where = textAt(about, 'namespace') || '*'
    const right = rightOf({ verb: textAt(event, 'verb'), resource, group: textAt(about, 'apiGroup'), where })
    return [{ right, code: Number(objectAt(event, 'responseStatus')['code']) }]
  })
}

function listOf(value: Json | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? value.map((one: Json) => objectAt(one)) : []
}

function namesOf(rule: JsonObject, key: string): readonly string[] {
  const value = rule[key]
  return Array.isArray(value) ? value.map(String) : []
}

async function install(cluster: ControlPlane, values: object): Promise<void> {
  const { ok, output } = await helm(
    ['install', RELEASE, CHART, '--namespace', NAMESPACE, '--create-namespace'],
    { kubeconfig: cluster.adminKubeconfig, values },
  )
  assert.ok(ok, output)
}

/** What the pod's container runs, with its account, but with files and a port of this machine. */
async function startPod(cluster: ControlPlane, values: object) {
  const [workload = {}] = await render(values, '--show-only', 'templates/workload.yaml')
  const [container = {}] = listOf(objectAt(workload, 'spec', 'template', 'spec')['containers'])
  const path = `/api/v1/namespaces/${NAMESPACE}/serviceaccounts/${FULLNAME}/token`
  const { body } = await cluster.adminRequest('POST', path, { spec: { expirationSeconds: 3600 } })
  const kubeconfig = await writeKubeconfig(join(cluster.directory, 'pod.kubeconfig'), cluster.url, {
    caPem: cluster.caPem,
    token: textAt(objectAt(body, 'status'), 'token'),
  })
  const policy = join(cluster.directory, 'policy.yaml')
  await writeFile(policy, '')
  const args = namesOf(container, 'args').filter(
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

/** A CSR of a Node that is there, one too large to be kept, one of a Node that is not there. */
async function ask(cluster: ControlPlane): Promise<void> {
  const addresses = [
    { type: 'Hostname', address: 'node-1' },
    { type: 'InternalIP', address: '10.0.0.1' },
  ]
  await cluster.adminRequest('POST', '/api/v1/nodes', { metadata: { name: 'node-1' } })
  await cluster.adminRequest('PATCH', '/api/v1/nodes/node-1/status', { status: { addresses } })
  const create = async (node: string, annotations: JsonObject = {}) => {
    using client = cluster.impersonate({ user: `system:node:${node}`, groups: ['system:nodes'] })
    const { request } = buildRequest({ commonName: `system:node:${node}`, dnsNames: [node] })
    const { status } = await createCsr(client, { request, metadata: { generateName: 'csr-', annotations } })
    assert.equal(status, 201)
  }
  await create('node-1')
  await create('node-1', { note: LARGE })
  await create('node-2')
}

test('a run uses each permission that the chart grants, and asks for none that it does not grant', async () => {
  await using cluster = await startControlPlane({ audit: true })
  const values = { webhook: { failurePolicy: 'Ignore' } }
  await install(cluster, values)
  // one that was deleted is made again
  await cluster.adminRequest('DELETE', LEASE)
  await ask(cluster)
  await using pod = await startPod(cluster, values)
  const wanted = await granted(values)
  const deadline = performance.now() + PATIENCE_MS
  const missing = async (): Promise<readonly Right[]> => {
    const rights = new Set((await used(cluster)).map(({ right }) => right))
    return wanted.filter((right) => !rights.has(right))
  }
  while ((await missing()).length > 0 && performance.now() < deadline && pod.ended() === null)
    await sleep(250)
  const uses = await used(cluster)
  assert.deepEqual([...new Set(uses.map(({ right }) => right))].toSorted(), wanted, await pod.tail())
  assert.deepEqual(
    uses.filter(({ code }) => code === 403),
    [],
  )
})
