import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Component } from '../../server/config.ts'
import { objectAt, textAt } from '../../server/json.ts'
import type { JsonObject } from '../../server/ports.ts'
import { runsOf } from '../../server/runs.ts'
import { configOf } from './config.ts'
import { CONTROLLER, FULLNAME, NAMESPACE, outside, render, WEBHOOK } from './helm.ts'
import { called, containerOf, listOf, named, only, podSpecOf, textsOf, workloadsIn } from './objects.ts'

const split = await render()
const single = await render({ profile: 'hostNetwork' })
const [onControlPlane = {}] = workloadsIn(await render({ profile: 'controlPlane' }))
const webhook = named(split, 'Deployment', FULLNAME)
const controller = named(split, 'Deployment', CONTROLLER)
const both = named(single, 'Deployment', FULLNAME)

const argsOf = (workload: JsonObject) => textsOf(containerOf(workload), 'args')
const accountOf = (workload: JsonObject) => textAt(podSpecOf(workload), 'serviceAccountName')
const selectorOf = (workload: JsonObject) => objectAt(workload, 'spec', 'selector', 'matchLabels')
const podLabelsOf = (workload: JsonObject) => objectAt(workload, 'spec', 'template', 'metadata', 'labels')

function selects(selector: JsonObject, labels: JsonObject): boolean {
  return Object.entries(selector).every(([label, value]) => labels[label] === value)
}

/** What the process of a component does about the certificate of the webhook. */
async function certificateOf(objects: readonly JsonObject[], component: Component) {
  return runsOf(component, (await configOf(objects)).config).certificate
}

/** The Secrets that a pod mounts: keys by name. */
function mountedSecrets(workload: JsonObject): Readonly<Record<string, readonly string[]>> {
  const secrets = listOf(podSpecOf(workload)['volumes']).flatMap(({ secret }) => secret ?? [])
  return Object.fromEntries(
    secrets.map((secret) => [
      textAt(objectAt(secret), 'secretName'),
      listOf(objectAt(secret)['items']).map((item) => textAt(item, 'key')),
    ]),
  )
}

test('each component has pods and an account of its own by default', () => {
  assert.deepEqual(workloadsIn(split).map(called), [`Deployment ${FULLNAME}`, `Deployment ${CONTROLLER}`])
  assert.deepEqual([accountOf(webhook), accountOf(controller)], [WEBHOOK, CONTROLLER])
  assert.ok(argsOf(webhook).includes('--component=webhook'))
  assert.ok(argsOf(controller).includes('--component=controller'))
})

test('on the network of the node, a pod runs both components, with the account of the controller', () => {
  assert.deepEqual(workloadsIn(single).map(called), [`Deployment ${FULLNAME}`])
  assert.equal(called(onControlPlane), `DaemonSet ${FULLNAME}`)
  for (const workload of [both, onControlPlane]) {
    assert.equal(accountOf(workload), CONTROLLER)
    assert.ok(argsOf(workload).includes('--component=all'))
    assert.equal(podSpecOf(workload)['hostNetwork'], true)
    assert.equal(podSpecOf(workload)['dnsPolicy'], 'Default')
    const ports = listOf(containerOf(workload)['ports']).map(({ containerPort }) => containerPort)
    assert.deepEqual(ports, [9443, 9444], 'the kubelet uses 10250')
  }
})

test('with the profile controlPlane, nothing is needed but the node: each API server calls the pod on its own', async () => {
  const urlOf = async (values: object) => {
    const objects = await render({ profile: 'controlPlane', ...values })
    const [entry] = listOf(only(objects, 'ValidatingWebhookConfiguration')['webhooks'])
    const { config } = await configOf(objects)
    return [textAt(objectAt(entry, 'clientConfig'), 'url'), config.listenAddress, config.tls.names]
  }
  assert.deepEqual(await urlOf({}), ['https://127.0.0.1:9443/validate', '127.0.0.1', ['127.0.0.1']])
  const other = { listenAddress: '::', webhook: { port: 9500 } }
  assert.deepEqual(await urlOf(other), ['https://[::1]:9500/validate', '::1', ['::1']])
  const { nodeSelector, tolerations } = podSpecOf(onControlPlane)
  assert.deepEqual(nodeSelector, { 'node-role.kubernetes.io/control-plane': '' })
  assert.deepEqual(
    listOf(tolerations).map(({ key }) => textAt({ key: key ?? '' }, 'key').replace(/^.*\//u, '')),
    ['control-plane', 'not-ready', 'network-unavailable', 'uninitialized'],
  )
})

test('a change from cluster to hostNetwork deletes nothing but the Deployment of the controller, and changes no selector', () => {
  const left = new Set(single.map(called))
  assert.deepEqual(
    split.map(called).filter((name) => !left.has(name)),
    [`Deployment ${CONTROLLER}`],
  )
  assert.deepEqual(
    single.filter((object) => !split.map(called).includes(called(object))),
    [],
  )
  assert.deepEqual(selectorOf(webhook), selectorOf(both))
  assert.deepEqual(named(split, 'Service', FULLNAME), named(single, 'Service', FULLNAME))
  const roles = (objects: readonly JsonObject[]) =>
    objects.filter((object) => /Role|ServiceAccount/.test(textAt(object, 'kind')))
  assert.deepEqual(roles(split), roles(single))
})

test('the Service selects the pods that serve the webhook, in both profiles', () => {
  const service = objectAt(named(split, 'Service', FULLNAME), 'spec', 'selector')
  for (const workload of [webhook, both]) assert.ok(selects(service, podLabelsOf(workload)))
  assert.ok(!selects(service, podLabelsOf(controller)))
})

test('no workload selects the pods of another', () => {
  assert.ok(selects(selectorOf(webhook), podLabelsOf(webhook)))
  assert.ok(!selects(selectorOf(webhook), podLabelsOf(controller)))
  assert.ok(!selects(selectorOf(controller), podLabelsOf(webhook)))
})

test('the controller keeps the self-signed certificate, and the webhook mounts it without the keys of the CA', async () => {
  const { namespace, tls } = (await configOf(split)).config
  const mount = '/etc/kubelet-csr-gate/tls'
  assert.equal(namespace, NAMESPACE)
  assert.deepEqual(tls, {
    mode: 'selfSigned',
    certFile: `${mount}/tls.crt`,
    keyFile: `${mount}/tls.key`,
    secretName: `${FULLNAME}-tls`,
    names: [`${FULLNAME}.${NAMESPACE}.svc`],
    webhookConfiguration: outside(FULLNAME),
  })
  assert.equal(await certificateOf(split, 'controller'), 'keep')
  assert.deepEqual(mountedSecrets(controller), {})
  assert.equal(await certificateOf(split, 'webhook'), 'read')
  assert.deepEqual(mountedSecrets(webhook), { [`${FULLNAME}-tls`]: ['tls.crt', 'tls.key'] })
})

test('with a certificate from elsewhere, only the webhook reads it', async () => {
  const objects = await render({ tls: { mode: 'certManager' } })
  const mounted = { [`${FULLNAME}-serving`]: ['tls.crt', 'tls.key'] }
  assert.deepEqual(mountedSecrets(named(objects, 'Deployment', FULLNAME)), mounted)
  const alone = named(objects, 'Deployment', CONTROLLER)
  assert.deepEqual(mountedSecrets(alone), {})
  assert.equal(await certificateOf(objects, 'controller'), null)
})

test('the controller denies what the webhook would have refused, although it runs in another process', async () => {
  const denies = async (values: object) => (await configOf(await render(values))).rules.settings.denyStored
  assert.equal(await denies({}), true)
  assert.equal(await denies({ webhook: { enabled: false } }), false)
  assert.equal(await denies({ policy: { denyStored: false } }), false)
})

test('a Deployment with one replica has no disruption budget, which would block every drain', async () => {
  const budgetsOf = async (values: object) =>
    (await render(values)).filter(({ kind }) => kind === 'PodDisruptionBudget').map(called)
  assert.deepEqual(await budgetsOf({}), [`PodDisruptionBudget ${FULLNAME}`])
  assert.deepEqual(await budgetsOf({ controller: { replicas: 2 } }), [
    `PodDisruptionBudget ${FULLNAME}`,
    `PodDisruptionBudget ${CONTROLLER}`,
  ])
  assert.deepEqual(await budgetsOf({ webhook: { replicas: 1 } }), [])
})

test('pods of a Deployment are replaced 5 s after their node is lost; those of a DaemonSet stay', () => {
  const secondsOf = (workload: JsonObject) =>
    listOf(podSpecOf(workload)['tolerations']).flatMap(({ key, tolerationSeconds }) =>
      tolerationSeconds === undefined ? [] : [[key, tolerationSeconds]],
    )
  const seconds = ['not-ready', 'unreachable'].map((taint) => [`node.kubernetes.io/${taint}`, 5])
  for (const workload of [webhook, controller, both]) assert.deepEqual(secondsOf(workload), seconds)
  assert.deepEqual(secondsOf(onControlPlane), [])
})

test('a new pod starts before an old one stops, unless two could not use the same ports', () => {
  for (const workload of [webhook, controller])
    assert.deepEqual(objectAt(workload, 'spec', 'strategy', 'rollingUpdate'), {
      maxUnavailable: 0,
      maxSurge: 1,
    })
  const replaced = { maxUnavailable: 1, maxSurge: 0 }
  assert.deepEqual(objectAt(both, 'spec', 'strategy', 'rollingUpdate'), replaced)
  assert.deepEqual(objectAt(onControlPlane, 'spec', 'updateStrategy', 'rollingUpdate'), replaced)
})

test('what a component has of its own takes precedence over what all pods have, and labels are merged', async () => {
  const resources = { limits: { memory: '1Gi' } }
  const objects = await render({
    podLabels: { tier: 'all', team: 'platform' },
    tolerations: [{ key: 'all' }],
    nodeSelector: { all: 'yes' },
    controller: { resources, podLabels: { tier: 'own' }, tolerations: [], nodeSelector: {} },
  })
  const [own, other] = [named(objects, 'Deployment', CONTROLLER), named(objects, 'Deployment', FULLNAME)]
  assert.deepEqual(containerOf(own)['resources'], resources)
  assert.deepEqual(containerOf(other)['resources'], containerOf(webhook)['resources'])
  assert.deepEqual([podLabelsOf(own)['tier'], podLabelsOf(other)['tier']], ['own', 'all'])
  assert.deepEqual([podLabelsOf(own)['team'], podLabelsOf(other)['team']], ['platform', 'platform'])
  const keysOf = (workload: JsonObject) => listOf(podSpecOf(workload)['tolerations']).map(({ key }) => key)
  const lost = ['not-ready', 'unreachable'].map((taint) => `node.kubernetes.io/${taint}`)
  assert.deepEqual([keysOf(own), keysOf(other)], [lost, ['all', ...lost]])
  assert.deepEqual(podSpecOf(other)['nodeSelector'], { all: 'yes' })
})

test('what is empty takes the place of what a profile has', async () => {
  const values = { profile: 'controlPlane', nodeSelector: { role: 'infra' }, tolerations: [], affinity: {} }
  const [workload = {}] = workloadsIn(await render(values))
  const { nodeSelector, tolerations, affinity } = podSpecOf(workload)
  assert.deepEqual([nodeSelector, tolerations, affinity], [{ role: 'infra' }, [], {}])
})

test('the metrics have a Service without the operator, where anybody can reach them', async () => {
  const servicesOf = async (values: object) =>
    (await render(values)).filter(({ kind }) => kind === 'Service').map(called)
  const [ofWebhook, ofMetrics] = [`Service ${FULLNAME}`, `Service ${FULLNAME}-metrics`]
  assert.deepEqual(await servicesOf({}), [ofWebhook, ofMetrics])
  const off = { service: { enabled: false } }
  assert.deepEqual(await servicesOf({ metrics: off }), [ofWebhook])
  assert.deepEqual(await servicesOf({ metrics: { ...off, serviceMonitor: { enabled: true } } }), [
    ofWebhook,
    ofMetrics,
  ])
  assert.deepEqual(await servicesOf({ profile: 'controlPlane' }), [ofWebhook])
})
