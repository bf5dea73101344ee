import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { Command } from 'commander'
import { serveFlags } from '../../cli/serve-flags.ts'
import project from '../../package.json' with { type: 'json' }
import { defaultSettings } from '../../policies/settings.ts'
import { objectAt, textAt } from '../../server/json.ts'
import type { JsonObject } from '../../server/ports.ts'
import { minors } from '../binaries/versions.ts'
import { servicePermissions } from '../kit/service/service-permissions.ts'
import { configOf } from './config.ts'
import {
  allProfiles,
  CHART,
  CONTROLLER,
  FULLNAME,
  helm,
  NAMESPACE,
  outside,
  RELEASE,
  render,
  withImage,
} from './helm.ts'
import { called, containerOf, listOf, named, only, podSpecOf, textsOf, workloadsIn } from './objects.ts'

const PROJECT = join(CHART, '..', '..')
const profiles = await allProfiles()

async function renderOnly(kind: string, values: object = {}): Promise<JsonObject> {
  return only(await render(values), kind)
}

for (const program of ['helm', 'helm3'] as const)
  test(`${program} lint --strict finds nothing in the defaults and in each profile`, async () => {
    for (const { values } of [{ values: {} }, ...profiles]) {
      const { ok, output } = await helm(['lint', '--strict', CHART], { values, program })
      assert.ok(ok, output)
    }
  })

test('the policy that the defaults render is the default policy', async () => {
  const { rules } = await configOf(await render())
  // the webhook is enabled
  assert.deepEqual(rules.settings, { ...defaultSettings, denyStored: true })
})

test('with selfSigned, nothing is rendered that the pods write: an upgrade cannot take it away', async () => {
  const objects = await render()
  const [webhook, ...others] = listOf(only(objects, 'ValidatingWebhookConfiguration')['webhooks'])
  assert.deepEqual(others, [])
  assert.equal('caBundle' in objectAt(webhook, 'clientConfig'), false)
  const secret = only(objects, 'Secret')
  assert.deepEqual([secret['data'], secret['stringData']], [undefined, undefined])
  assert.ok(!objects.some(({ kind }) => kind === 'Lease'), 'Argo CD never applies a Lease')
})

test('the webhook is called for the creation of kubelet-serving requests, and for nothing else', async () => {
  const { webhooks } = await renderOnly('ValidatingWebhookConfiguration')
  assert.deepEqual(webhooks, [
    {
      name: 'webhook.kubelet-csr-gate.io',
      admissionReviewVersions: ['v1'],
      clientConfig: {
        service: { name: FULLNAME, namespace: NAMESPACE, path: '/validate', port: 443 },
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
  const namesOf = async (values: object) => (await configOf(await render(values))).config.tls.names
  const namesFor = (url: string) => namesOf({ webhook: { url } })
  assert.deepEqual(await namesOf({}), [`${FULLNAME}.${NAMESPACE}.svc`])
  assert.deepEqual(await namesFor('https://webhook.example.com/validate'), ['webhook.example.com'])
  assert.deepEqual(await namesFor('https://[2001:db8::1]:8443/v'), ['2001:db8::1'])
  const bootstrap = profiles.find(({ name }) => name === 'bootstrap')?.values ?? {}
  assert.deepEqual(await namesOf(bootstrap), ['127.0.0.1'])
})

test('serve takes every argument and the config file that the chart gives, in each profile', async () => {
  for (const { name: profile, values } of profiles) {
    const objects = await render(values)
    await configOf(objects)
    const workloads = workloadsIn(objects)
    assert.ok(workloads.length > 0, profile)
    for (const workload of workloads) {
      const [name, ...args] = textsOf(containerOf(workload), 'args')
      assert.equal(name, 'serve', profile)
      const command = new Command().exitOverride().configureOutput({ writeErr: () => undefined })
      for (const flag of serveFlags()) command.addOption(flag)
      assert.doesNotThrow(() => command.parse(args, { from: 'user' }), profile)
    }
  }
})

test('settings that are read at the start make new pods, and the policy does not', async () => {
  const checksumOf = async (values: object) => {
    const pod = objectAt(named(await render(values), 'Deployment', FULLNAME), 'spec', 'template', 'metadata')
    return textAt(objectAt(pod, 'annotations'), 'checksum/config')
  }
  const usual = await checksumOf({})
  assert.match(usual, /^[0-9a-f]{64}$/)
  assert.equal(await checksumOf({ policy: { mode: 'dryRun' } }), usual)
  assert.notEqual(await checksumOf({ kubelet: { port: 10_251 } }), usual)
})

test('scripts run with the Node.js of the image', async () => {
  const [, node] = /^ENTRYPOINT \["([^"]+)"/m.exec(await readFile(join(PROJECT, 'Dockerfile'), 'utf8')) ?? []
  const containers = listOf(objectAt(await renderOnly('Pod'), 'spec')['containers'])
  assert.deepEqual(
    containers.map(({ command }) => command),
    [[node], [node]],
  )
})

test('a network policy lets in what the pods of a workload serve, and out to the API server and, for the controller, kubelets and DNS', async () => {
  const specOf = async (name: string, values: object = {}): Promise<JsonObject> =>
    objectAt(
      named(await render({ networkPolicy: { enabled: true, ...values } }), 'NetworkPolicy', name),
      'spec',
    )
  const [https, metrics] = [{ ports: [{ port: 'https' }] }, { ports: [{ port: 'metrics' }] }]
  const apiServer = { ports: [{ port: 443 }, { port: 6443 }] }
  const dns = ['UDP', 'TCP'].map((protocol) => ({ port: 53, protocol }))
  const looks = { ports: [{ port: 10_250 }, ...dns] }
  for (const [name, ingress, egress] of [
    [FULLNAME, [https, metrics], [apiServer]],
    [CONTROLLER, [metrics], [apiServer, looks]],
  ] as const) {
    const spec = await specOf(name)
    assert.deepEqual(spec['ingress'], ingress)
    assert.deepEqual(spec['egress'], egress)
    const workload = named(await render(), 'Deployment', name)
    assert.deepEqual(spec['podSelector'], objectAt(workload, 'spec', 'selector'))
  }
  const on = { enabled: true }
  const guarded = named(await render({ networkPolicy: on, guard: on }), 'NetworkPolicy', FULLNAME)
  assert.deepEqual(objectAt(guarded, 'spec')['egress'], [apiServer, looks])
  const scrapers = [{ namespaceSelector: { matchLabels: { name: 'monitoring' } } }]
  const own = { apiServers: ['192.0.2.0/24', '2001:db8::/64'], scrapers, egress: [{}] }
  const callers = ['192.0.2.0/24', '2001:db8::/64'].map((cidr) => ({ ipBlock: { cidr } }))
  const spec = await specOf(FULLNAME, own)
  assert.deepEqual(spec['ingress'], [
    { ...https, from: callers },
    { ...metrics, from: scrapers },
  ])
  assert.deepEqual(spec['egress'], [{}])
  assert.deepEqual((await specOf(CONTROLLER, own))['ingress'], [{ ...metrics, from: scrapers }])
})

test('extra objects are rendered as templates, whether mappings or text', async () => {
  const object = { apiVersion: 'v1', kind: 'Endpoints', metadata: { name: '{{ .Release.Name }}-a' } }
  const text = 'apiVersion: v1\nkind: Endpoints\nmetadata: {name: "{{ .Release.Name }}-b"}'
  const names = (await render({ extraObjects: [object, text] })).map(called)
  assert.deepEqual(
    names.filter((name) => name.startsWith('Endpoints')),
    [`Endpoints ${RELEASE}-a`, `Endpoints ${RELEASE}-b`],
  )
})

test('a digest takes precedence over the tag, and the registry is prepended to the repository', async () => {
  const digest = `sha256:${'0'.repeat(64)}`
  const imageOf = async (image: object) =>
    containerOf(named(await render({ image }), 'Deployment', FULLNAME))['image']
  const here = { registry: 'localhost:5000/' }
  assert.equal(await imageOf(here), `localhost:5000/kubelet-csr-gate:${project.version}`)
  assert.equal(await imageOf({ registry: 'r.example.com', tag: 'v2' }), 'r.example.com/kubelet-csr-gate:v2')
  assert.equal(await imageOf({ ...here, tag: 'v2', digest }), `localhost:5000/kubelet-csr-gate@${digest}`)
  const imported = { registry: '', pullPolicy: 'Never' }
  assert.equal(await imageOf(imported), `kubelet-csr-gate:${project.version}`)
})

test('the permissions that the tests run with are those that the chart grants, on every minor', async () => {
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

test('Kubernetes before the oldest tested minor is refused, and the READMEs name that minor', async () => {
  const [oldest = ''] = minors
  const before = `1.${Number(oldest.split('.')[1]) - 1}.9`
  const refusal = new RegExp(`requires kubeVersion: >=${oldest}.0-0`)
  await assert.rejects(render({}, '--kube-version', before), refusal)
  assert.ok((await render({}, '--kube-version', `${oldest}.0`)).length > 0)
  for (const readme of [join(CHART, 'README.md'), join(PROJECT, 'README.md')]) {
    const said = (await readFile(readme, 'utf8')).matchAll(/Kubernetes (1\.\d+) or newer/g)
    assert.deepEqual(new Set([...said].map(([, minor]) => minor)), new Set([oldest]))
  }
})

test('with certManager the certificate is for the name that API servers use, and the pods read its Secret', async () => {
  const objects = await render({ tls: { mode: 'certManager' }, webhook: { annotations: { owner: 'ops' } } })
  const certificates = objects
    .filter(({ kind }) => kind === 'Certificate')
    .map((each) => objectAt(each, 'spec'))
  const serving = certificates.find((spec) => textAt(spec, 'secretName').endsWith('-serving')) ?? {}
  assert.deepEqual(serving['dnsNames'], [`${FULLNAME}.${NAMESPACE}.svc`])
  const { annotations } = objectAt(only(objects, 'ValidatingWebhookConfiguration'), 'metadata')
  assert.deepEqual(annotations, {
    'cert-manager.io/inject-ca-from': `${NAMESPACE}/${FULLNAME}-ca`,
    owner: 'ops',
  })
  const workload = named(objects, 'Deployment', FULLNAME)
  const secrets = listOf(podSpecOf(workload)['volumes']).map((volume) => objectAt(volume, 'secret'))
  assert.ok(secrets.some(({ secretName }) => secretName === serving['secretName']))
  const { tls } = (await configOf(objects)).config
  assert.deepEqual([tls.mode, tls.certFile], ['files', '/etc/kubelet-csr-gate/tls/tls.crt'])
  // the permission that pods have with selfSigned is not granted here
  assert.ok(!JSON.stringify(objects).includes('"secrets"'))
})

test('with an issuer of your own, the CA is injected from the certificate that it signed', async () => {
  const certManager = { createIssuer: false, issuerRef: { name: 'corporate' } }
  const objects = await render({ tls: { mode: 'certManager', certManager } })
  const { annotations } = objectAt(only(objects, 'ValidatingWebhookConfiguration'), 'metadata')
  assert.deepEqual(annotations, { 'cert-manager.io/inject-ca-from': `${NAMESPACE}/${FULLNAME}-serving` })
  assert.ok(objects.every(({ kind }) => kind !== 'Issuer'))
})

test('a component that is off leaves neither its objects nor its permissions', async () => {
  const names = async (values: object) => (await render(values)).map(called).join('\n')
  assert.doesNotMatch(await names({ controller: { enabled: false } }), /controller|Lease/)
  assert.doesNotMatch(
    await names({ webhook: { enabled: false } }),
    /tls|Webhook|^Service example-kubelet-csr-gate$/m,
  )
})

async function notes(values: object): Promise<string> {
  const install = ['install', RELEASE, CHART, '--dry-run=client', '--namespace', NAMESPACE]
  const { output } = await helm(install, { values: withImage(values) })
  return output.slice(output.indexOf('NOTES:'))
}

test('the notes say where to look first when nothing is approved', async () => {
  assert.match(await notes({}), new RegExp(`kubectl -n ${NAMESPACE} get lease ${FULLNAME}$`, 'm'))
})

test('the notes of a dry run promise no approval, and no Event or condition to look at', async () => {
  const said = await notes({ policy: { mode: 'dryRun' } })
  assert.match(said, /policy\.mode is dryRun: .* approves nothing .* writes no Events or conditions/)
  assert.doesNotMatch(said, /kubectl describe csr|get lease/)
})

test('the notes warn of what works but is unwise', async () => {
  const usual = await notes({})
  for (const name of [FULLNAME, CONTROLLER])
    assert.match(usual, new RegExp(`kubectl -n ${NAMESPACE} rollout status deployment/${name}$`, 'm'))
  assert.match(usual, new RegExp(`kubectl delete validatingwebhookconfiguration ${outside(FULLNAME)}$`, 'm'))
  assert.doesNotMatch(usual, /WARNING/)
  const unwise: readonly (readonly [object, RegExp])[] = [
    [{ webhook: { replicas: 1 } }, /WARNING: webhook\.replicas is 1: /],
    [
      { webhook: { replicas: 1, failurePolicy: 'Fail' } },
      /WARNING: webhook\.failurePolicy is Fail with webhook\.replicas 1: /,
    ],
    [
      {
        profile: 'controlPlane',
        controller: { enabled: false },
        webhook: { failurePolicy: 'Fail' },
      },
      /WARNING: webhook\.failurePolicy is Fail with profile controlPlane: /,
    ],
    [{ webhook: { timeoutSeconds: 15 } }, /WARNING: webhook\.timeoutSeconds is 15: /],
    [
      { controller: { enabled: false } },
      /WARNING: webhook\.failurePolicy is Ignore without the controller: /,
    ],
  ]
  for (const [values, warning] of unwise) assert.match(await notes(values), warning)
})
