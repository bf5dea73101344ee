import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { leaves } from '../../packaging/docs/chart-docs.ts'
import { chartValues } from '../../packaging/docs/chart-values.ts'
import { IMAGE } from '../../packaging/image/image-config.ts'
import { allFlags } from '../../cli/serve-flags.ts'
import { readServeOptions } from '../../cli/serve-options.ts'
import project from '../../package.json' with { type: 'json' }
import { defaultSettings } from '../../policies/settings.ts'
import { objectAt, textAt } from '../../server/json.ts'
import type { JsonObject } from '../../server/ports.ts'
import { minors } from '../binaries/versions.ts'
import { servicePermissions } from '../kit/service/service-permissions.ts'
import { CHART, FULLNAME, helm, render } from './helm.ts'

const profiles = (await readdir(join(CHART, 'ci'))).toSorted()
const templates = await templateText()

async function templateText(): Promise<string> {
  const folder = join(CHART, 'templates')
  const files = await readdir(folder)
  return (await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')))).join('\n')
}

function one(objects: readonly JsonObject[], kind: string): JsonObject {
  const found = objects.filter((object) => object['kind'] === kind)
  assert.equal(found.length, 1, `one ${kind}`)
  return found[0] ?? {}
}

function container(objects: readonly JsonObject[], kind = 'Deployment'): JsonObject {
  const { containers } = objectAt(one(objects, kind), 'spec', 'template', 'spec')
  assert.ok(Array.isArray(containers) && containers.length === 1)
  return objectAt(containers[0])
}

test('every value has a sentence, and each is used by a template', () => {
  for (const { path, schema } of leaves(chartValues)) {
    const name = path.join('.')
    assert.match(String(Reflect.get(schema, 'description')), /^[A-Z`].*[.:]$/s, `${name} has no sentence`)
    const isUsed = path[0] === 'policy' || templates.includes(path.slice(-2).join('.')) || isInBlock(path)
    assert.ok(isUsed, `${name} is used by no template`)
  }
})

/** Some groups are reached through a variable. */
const variables: Readonly<Record<string, string>> = {
  podDisruptionBudget: '$budget',
  'tls.certManager': '$settings',
  'metrics.serviceMonitor': '$monitor',
  'metrics.podMonitor': '$monitor',
  'metrics.prometheusRule': '$settings',
  'metrics.dashboard': '$dashboard',
}
/** What both monitors hand to one template. */
const endpoint = new Set(['interval', 'scrapeTimeout', 'relabelings', 'metricRelabelings'])

function isInBlock(path: readonly string[]): boolean {
  const name = path.join('.')
  if (path[0] === 'metrics' && endpoint.has(path[2] ?? '')) return templates.includes(`with .${path[2]} `)
  return Object.entries(variables).some(
    ([group, variable]) =>
      name.startsWith(`${group}.`) && templates.includes(`${variable}${name.slice(group.length)}`),
  )
}

test('chart, application and package have one version', async () => {
  const chart = parse(await readFile(join(CHART, 'Chart.yaml'), 'utf8'))
  assert.deepEqual([chart.version, chart.appVersion], [project.version, project.version])
})

test('helm lint --strict finds nothing in the defaults and in each profile', async () => {
  for (const profile of ['', ...profiles]) {
    const values = profile === '' ? [] : ['--values', join(CHART, 'ci', profile)]
    const { ok, output } = await helm(['lint', '--strict', CHART, ...values])
    assert.ok(ok, output)
  }
})

test('the policy that the defaults render is the default policy', async () => {
  const policy = objectAt(one(await render(), 'ConfigMap'), 'data')
  const stated = parse(textAt(policy, 'policy.yaml'))
  // Helm leaves out what is null, which means the same to the policy's reader
  assert.deepEqual({ ...stated, denyStored: null, maxExpirationSeconds: null }, defaultSettings)
})

test('with selfSigned nothing is rendered that the pods write: an upgrade cannot take it away', async () => {
  const objects = await render()
  const webhooks = one(objects, 'ValidatingWebhookConfiguration')['webhooks']
  assert.ok(Array.isArray(webhooks) && webhooks.length === 1)
  assert.equal('caBundle' in objectAt(webhooks[0], 'clientConfig'), false)
  const secret = one(objects, 'Secret')
  assert.deepEqual([secret['data'], secret['stringData']], [undefined, undefined])
  assert.equal(one(objects, 'Lease')['spec'], undefined)
})

test('the webhook is called for the creation of kubelet-serving requests, and for nothing else', async () => {
  const { webhooks } = one(await render(), 'ValidatingWebhookConfiguration')
  assert.deepEqual(webhooks, [
    {
      name: 'webhook.kubelet-csr-gate.io',
      admissionReviewVersions: ['v1'],
      clientConfig: {
        service: { name: FULLNAME, namespace: 'webhook-system', path: '/validate', port: 443 },
      },
      rules: [
        {
          apiGroups: ['certificates.k8s.io'],
          apiVersions: ['v1'],
          operations: ['CREATE'],
          resources: ['certificatesigningrequests'],
          scope: 'Cluster',
        },
      ],
      matchPolicy: 'Equivalent',
      matchConditions: [
        {
          name: 'kubelet-serving',
          expression: "object.spec.signerName == 'kubernetes.io/kubelet-serving'",
        },
      ],
      failurePolicy: 'Ignore',
      timeoutSeconds: 3,
      sideEffects: 'None',
    },
  ])
})

test('the pods know the names that API servers call them by', async () => {
  const nameOf = async (values: object, kind?: string): Promise<string | undefined> => {
    const { args } = container(await render(values), kind)
    assert.ok(Array.isArray(args))
    return args.map(String).find((argument) => argument.startsWith('--tls-names='))
  }
  assert.equal(await nameOf({}), `--tls-names=${FULLNAME}.webhook-system.svc`)
  const url = (value: string): object => ({ webhook: { url: value } })
  assert.equal(await nameOf(url('https://webhook.example.com/validate')), '--tls-names=webhook.example.com')
  assert.equal(await nameOf(url('https://[2001:db8::1]:8443/v')), '--tls-names=2001:db8::1')
  const bootstrap = parse(await readFile(join(CHART, 'ci', 'bootstrap-values.yaml'), 'utf8'))
  assert.equal(await nameOf(bootstrap, 'DaemonSet'), '--tls-names=127.0.0.1')
})

test('serve takes every argument that the chart gives, in each profile', async () => {
  for (const profile of profiles) {
    const values = parse(await readFile(join(CHART, 'ci', profile), 'utf8'))
    const { args = [] } = container(await render(values), values.kind)
    assert.ok(Array.isArray(args) && args[0] === 'serve', profile)
    const given = args.slice(1).map((argument) => String(argument).split('='))
    const known = new Set(allFlags.map(({ name }) => `--${name}`))
    for (const [name = ''] of given) assert.ok(known.has(name), `${profile}: ${name} is no flag of serve`)
    const flags = Object.fromEntries(given.map(([name = '', ...value]) => [name.slice(2), value.join('=')]))
    const reading = readServeOptions({ flags, env: { POD_NAME: 'webhook-0' }, hostname: 'host' })
    assert.deepEqual(reading.ok ? [] : reading.faults, [], profile)
  }
})

test('scripts run with the Node of the image', async () => {
  const { containers } = objectAt(one(await render(), 'Pod'), 'spec')
  assert.ok(Array.isArray(containers) && containers.length === 2)
  for (const script of containers) assert.deepEqual(objectAt(script)['command'], [IMAGE.node])
})

test('a network policy lets in what the pods serve, and out to the API server alone', async () => {
  const specOf = async (values: object): Promise<JsonObject> =>
    objectAt(one(await render(values), 'NetworkPolicy'), 'spec')
  const { ingress, egress, podSelector } = await specOf({ networkPolicy: { enabled: true } })
  assert.deepEqual(ingress, [{ ports: [{ port: 'https' }, { port: 'metrics' }] }])
  assert.deepEqual(egress, [{ ports: [{ port: 443 }, { port: 6443 }] }])
  const pods = objectAt(one(await render(), 'Deployment'), 'spec', 'selector')
  assert.deepEqual(podSelector, pods)
  const rules = [{ from: [{ ipBlock: { cidr: '192.0.2.0/24' } }] }]
  const own = await specOf({ networkPolicy: { enabled: true, ingress: rules, egress: [{}] } })
  assert.deepEqual([own['ingress'], own['egress']], [rules, [{}]])
})

test('more objects are rendered as templates, whether mappings or text', async () => {
  const object = { apiVersion: 'v1', kind: 'Endpoints', metadata: { name: '{{ .Release.Name }}-a' } }
  const text = 'apiVersion: v1\nkind: Endpoints\nmetadata: {name: "{{ .Release.Name }}-b"}'
  const objects = await render({ extraObjects: [object, text] })
  const names = objects.flatMap(({ kind, metadata }) => (kind === 'Endpoints' ? [metadata] : []))
  assert.deepEqual(names, [{ name: 'webhook-a' }, { name: 'webhook-b' }])
})

test('a digest beats the tag, and a registry stands before the repository', async () => {
  const digest = `sha256:${'0'.repeat(64)}`
  const imageOf = async (image: object) => container(await render({ image }))['image']
  assert.equal(await imageOf({}), `kubelet-csr-gate:${project.version}`)
  assert.equal(await imageOf({ registry: 'r.example.com', tag: 'v2' }), 'r.example.com/kubelet-csr-gate:v2')
  assert.equal(await imageOf({ tag: 'v2', digest }), `kubelet-csr-gate@${digest}`)
})

test('what the tests run with is what the chart grants, on every minor', async () => {
  const tls = { mode: 'existingSecret', existingSecret: { name: 'own' } }
  const values = { fullnameOverride: 'kubelet-csr-gate', tls, webhook: { enabled: false } }
  for (const minor of minors) {
    const objects = await render(values, '--namespace', 'kubelet-csr-gate', '--kube-version', minor)
    const granted = objects
      .filter((object) => textAt(object, 'kind').endsWith('Role'))
      .filter(({ metadata }) => !('annotations' in objectAt(metadata)))
      .flatMap(({ metadata, rules }) => rulesIn(textAt(objectAt(metadata), 'namespace'), rules))
    const { clusterRules = [], rules = {} } = servicePermissions({ minor })
    const given = Object.entries(rules).flatMap(([namespace, inner]) => rulesIn(namespace, inner))
    assert.deepEqual(granted.toSorted(), [...rulesIn('', clusterRules), ...given].toSorted(), minor)
  }
})

function rulesIn(namespace: string, rules: unknown): readonly string[] {
  return Array.isArray(rules) ? rules.map((rule) => `${namespace} ${JSON.stringify(rule)}`) : []
}

test('Services are only readable where the API server has no ServiceCIDR objects', async () => {
  const rulesOf = async (version: string): Promise<string> => {
    const objects = await render({}, '--kube-version', version)
    return JSON.stringify(objects.filter((object) => object['kind'] === 'ClusterRole'))
  }
  assert.ok((await rulesOf('1.32.5')).includes('"services"'))
  assert.ok(!(await rulesOf('1.33.0')).includes('"services"'))
})

test('Kubernetes before the oldest minor that is run is refused, and the READMEs say which that is', async () => {
  const [oldest = ''] = minors
  const before = `1.${Number(oldest.split('.')[1]) - 1}.9`
  const refusal = new RegExp(`requires kubeVersion: >=${oldest}.0-0`)
  await assert.rejects(render({}, '--kube-version', before), refusal)
  assert.ok((await render({}, '--kube-version', `${oldest}.0`)).length > 0)
  for (const readme of [join(CHART, 'README.md'), join(CHART, '..', '..', 'README.md')]) {
    const said = (await readFile(readme, 'utf8')).matchAll(/Kubernetes (1\.\d+) or newer/g)
    assert.deepEqual(new Set([...said].map(([, minor]) => minor)), new Set([oldest]))
  }
})

test('with certManager the certificate is for the name that API servers use, and the pods read its Secret', async () => {
  const objects = await render({ tls: { mode: 'certManager' }, webhook: { annotations: { owner: 'ops' } } })
  const certificate = objects.find((object) =>
    textAt(objectAt(object, 'spec'), 'secretName').endsWith('-serving'),
  )
  const spec = objectAt(certificate, 'spec')
  assert.deepEqual(spec['dnsNames'], [`${FULLNAME}.webhook-system.svc`])
  const { annotations } = objectAt(one(objects, 'ValidatingWebhookConfiguration'), 'metadata')
  assert.deepEqual(annotations, {
    'cert-manager.io/inject-ca-from': `webhook-system/${FULLNAME}-ca`,
    owner: 'ops',
  })
  const { volumes } = objectAt(one(objects, 'Deployment'), 'spec', 'template', 'spec')
  assert.ok(JSON.stringify(volumes).includes(`{"secretName":"${textAt(spec, 'secretName')}"}`))
  const { args } = container(objects)
  assert.ok(JSON.stringify(args).includes('--tls-cert=/etc/kubelet-csr-gate/tls/tls.crt'))
  // what the pods of selfSigned may write, nobody may here
  assert.ok(!JSON.stringify(objects).includes('"secrets"'))
})

test("the CA of an issuer that is not the chart's is known from the certificate that it signed", async () => {
  const certManager = { createIssuer: false, issuerRef: { name: 'corporate' } }
  const objects = await render({ tls: { mode: 'certManager', certManager } })
  const { annotations } = objectAt(one(objects, 'ValidatingWebhookConfiguration'), 'metadata')
  assert.deepEqual(annotations, { 'cert-manager.io/inject-ca-from': `webhook-system/${FULLNAME}-serving` })
})

test('a part that is off leaves neither its objects nor its permissions', async () => {
  const kinds = async (values: object): Promise<readonly string[]> =>
    (await render(values)).map(
      (object) => `${textAt(object, 'kind')} ${textAt(objectAt(object, 'metadata'), 'name')}`,
    )
  const withoutLoop = await kinds({ controller: { enabled: false } })
  assert.ok(!withoutLoop.some((name) => /controller|Lease/.test(name)))
  const withoutGate = await kinds({ webhook: { enabled: false } })
  assert.ok(!withoutGate.some((name) => /tls|Webhook|^Service webhook/.test(name)))
})

async function notes(values: object): Promise<string> {
  const install = ['install', 'webhook', CHART, '--dry-run=client', '--namespace', 'webhook-system']
  const { output } = await helm(install, { values })
  return output.slice(output.indexOf('NOTES:'))
}

test('the notes say where to look first when nothing is approved', async () => {
  assert.match(await notes({}), /kubectl -n webhook-system get lease webhook-kubelet-csr-gate$/m)
})

test('the notes of an audit promise no approval, and no Event or condition to look at', async () => {
  const said = await notes({ policy: { mode: 'audit' } })
  assert.match(said, /policy\.mode is audit: nothing is .* approved .* no Event or condition is written/)
  assert.doesNotMatch(said, /kubectl describe csr|get lease/)
})

test('the notes warn of what works but is unwise', async () => {
  const usual = await notes({})
  assert.match(usual, /kubectl -n webhook-system rollout status deployment\/webhook-kubelet-csr-gate/)
  assert.match(usual, /kubectl delete validatingwebhookconfiguration webhook-kubelet-csr-gate/)
  assert.doesNotMatch(usual, /WARNING/)
  const unwise: readonly (readonly [object, RegExp])[] = [
    [{ replicaCount: 1 }, /WARNING: replicaCount is 1: no webhook and no approvals while that pod moves/],
    [
      { replicaCount: 1, webhook: { failurePolicy: 'Fail' } },
      /WARNING: webhook\.failurePolicy is Fail with replicaCount 1/,
    ],
    [{ webhook: { timeoutSeconds: 15 } }, /WARNING: webhook\.timeoutSeconds is 15/],
    [{ controller: { enabled: false } }, /WARNING: webhook\.failurePolicy is Ignore without the controller/],
  ]
  for (const [values, warning] of unwise) assert.match(await notes(values), warning)
})

test('pods of a Deployment keep apart, whatever affinity is asked for', async () => {
  const affinityOf = async (values: object): Promise<JsonObject> =>
    objectAt(one(await render(values), 'Deployment'), 'spec', 'template', 'spec', 'affinity')
  assert.deepEqual(Object.keys(await affinityOf({})), ['nodeAffinity', 'podAntiAffinity'])
  const podAntiAffinity = { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'zone' }] }
  const stricter = objectAt(await affinityOf({ affinity: { podAntiAffinity } }), 'podAntiAffinity')
  assert.deepEqual(
    stricter['requiredDuringSchedulingIgnoredDuringExecution'],
    podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution,
  )
})
