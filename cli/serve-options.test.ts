import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Component } from '../server/config.ts'
import { parseConfig } from '../server/config-file.ts'
import { serveOptions } from './serve-options.ts'

async function optionsOf(text: string, component: Component = 'all') {
  const loaded = await parseConfig(text, 'config.yaml')
  assert.ok(loaded.ok, loaded.ok ? '' : loaded.faults.join('\n'))
  return serveOptions({ component, logLevel: 'info' }, loaded.config, 'pod-1')
}

test('an empty config file runs both components, with a certificate from files', async () => {
  assert.deepEqual(await optionsOf(''), {
    api: { kubeconfig: null, context: null },
    webhook: true,
    controller: true,
    tls: {
      mode: 'files',
      cert: '/etc/kubelet-csr-gate/tls/tls.crt',
      key: '/etc/kubelet-csr-gate/tls/tls.key',
    },
    webhookListen: { host: '0.0.0.0', port: 10_250 },
    webhookCallers: { clientCa: null, prefixes: [] },
    probe: { port: 10_250, ca: null },
    breakGlassGroups: [],
    metricsListen: { host: '0.0.0.0', port: 8_080 },
    lease: { namespace: 'kubelet-csr-gate', name: 'kubelet-csr-gate' },
    ledger: null,
    identity: 'pod-1',
    truth: { inventory: [], machines: null, dns: null },
    drainSeconds: 10,
  })
})

test('a process runs of the enabled components those that it is told to run', async () => {
  const runs = async (text: string, component: Component) => {
    const { webhook, controller } = await optionsOf(text, component)
    return [webhook, controller]
  }
  assert.deepEqual(await runs('', 'webhook'), [true, false])
  assert.deepEqual(await runs('', 'controller'), [false, true])
  assert.deepEqual(await runs('webhook: {enabled: false}', 'all'), [false, true])
  assert.deepEqual(await runs('controller: {enabled: false}', 'controller'), [false, false])
})

test('the controller keeps a self-signed certificate for webhooks in other processes, which read it as files', async () => {
  const text = 'namespace: gate\ntls: {mode: selfSigned, secretName: gate-tls, names: [gate.gate.svc]}'
  const kept = {
    mode: 'self-signed',
    secret: { namespace: 'gate', name: 'gate-tls' },
    names: ['gate.gate.svc'],
    webhookConfiguration: 'kubelet-csr-gate',
  }
  for (const component of ['all', 'controller'] as const)
    assert.deepEqual((await optionsOf(text, component)).tls, kept)
  assert.equal((await optionsOf(text, 'webhook')).tls?.mode, 'files')
  const alone = `${text}\ncontroller: {enabled: false}`
  assert.deepEqual((await optionsOf(alone, 'webhook')).tls, kept)
})

test('no certificate is needed without the webhook, and no Lease without leader election', async () => {
  const off = 'webhook: {enabled: false}\ntls: {mode: selfSigned}\nleaderElection: {leaderElect: false}'
  const { tls, lease } = await optionsOf(off)
  assert.deepEqual([tls, lease], [null, null])
  assert.equal((await optionsOf('', 'controller')).tls, null)
})

test('callers of the webhook are a CA, prefixes, or both', async () => {
  const text = 'webhook: {clientCAFile: /ca.crt, callers: [10.0.0.1, "2001:db8::/64"]}'
  assert.deepEqual((await optionsOf(text)).webhookCallers, {
    clientCa: '/ca.crt',
    prefixes: [
      { address: '0a000001', bits: 32 },
      { address: '20010db8000000000000000000000000', bits: 64 },
    ],
  })
})

const SOURCES = `
namespace: gate
sources:
  inventory: {configMaps: [one, two]}
  clusterApi: {namespace: capi, cluster: prod, kubeconfigFile: /management}
  dns: {domains: [example.com, test], servers: [10.0.0.53, '[fd00::53]:5353']}`

test('kubelets are dialled by the controller, and where the guard judges as it does', async () => {
  const text = 'kubelet: {port: 10260, caFile: /kubelets.crt}'
  const probe = { port: 10_260, ca: '/kubelets.crt' }
  for (const component of ['all', 'controller'] as const)
    assert.deepEqual((await optionsOf(text, component)).probe, probe)
  assert.equal((await optionsOf(text, 'webhook')).probe, null)
  assert.deepEqual((await optionsOf(`${text}\nguard: {enabled: true}`, 'webhook')).probe, probe)
})

test('sources of truth are asked by the controller, and where the guard judges as it does', async () => {
  const all = {
    inventory: [
      { namespace: 'gate', name: 'one' },
      { namespace: 'gate', name: 'two' },
    ],
    machines: { cluster: 'prod', namespace: 'capi', kubeconfig: '/management' },
    dns: { domains: ['example.com', 'test'], servers: ['10.0.0.53', '[fd00::53]:5353'] },
  }
  assert.deepEqual((await optionsOf(SOURCES)).truth, all)
  const none = { inventory: [], machines: null, dns: null }
  assert.deepEqual((await optionsOf(SOURCES, 'webhook')).truth, none)
  assert.deepEqual((await optionsOf(`${SOURCES}\nguard: {enabled: true}`, 'webhook')).truth, all)
  const openshift = 'sources: {clusterApi: {openshiftNamespace: openshift-machine-api}}'
  assert.deepEqual((await optionsOf(openshift)).truth.machines, {
    cluster: null,
    namespace: 'openshift-machine-api',
    kubeconfig: null,
  })
})
