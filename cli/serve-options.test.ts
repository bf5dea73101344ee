import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allFlags, variableOf } from './serve-flags.ts'
import { readServeOptions } from './serve-options.ts'

const files = { 'tls-cert': '/tls.crt', 'tls-key': '/tls.key' }

function read(flags: Record<string, string>, env: Record<string, string> = {}) {
  return readServeOptions({ flags, env, hostname: 'host-1' })
}
function faultsOf(flags: Record<string, string>, env: Record<string, string> = {}): readonly string[] {
  const reading = read(flags, env)
  return reading.ok ? [] : reading.faults
}

test('a certificate and its key are the only required flags', () => {
  assert.deepEqual(read(files), {
    ok: true,
    logLevel: 'info',
    options: {
      api: { kubeconfig: null, context: null, server: null },
      policy: null,
      webhook: true,
      controller: true,
      tls: { mode: 'files', cert: '/tls.crt', key: '/tls.key' },
      webhookListen: { host: '0.0.0.0', port: 10_250 },
      webhookCallers: { clientCa: null, prefixes: [] },
      probe: { port: 10_250, ca: null },
      breakGlassGroups: [],
      metricsListen: { host: '0.0.0.0', port: 8_080 },
      lease: { namespace: 'kubelet-csr-gate', name: 'kubelet-csr-gate' },
      ledger: null,
      identity: 'host-1',
      truth: { inventory: [], machines: null, dns: null },
      drainSeconds: 2,
    },
  })
})

test('every flag can be set by an environment variable, and the flag takes precedence', () => {
  const env = {
    KUBELET_CSR_GATE_TLS_CERT: '/env.crt',
    KUBELET_CSR_GATE_TLS_KEY: '/env.key',
    POD_NAME: 'pod-1',
  }
  const byEnv = read({}, env)
  assert.deepEqual(byEnv.options.tls, { mode: 'files', cert: '/env.crt', key: '/env.key' })
  assert.equal(byEnv.options.identity, 'pod-1')
  const both = read({ 'tls-cert': '/flag.crt' }, env)
  assert.deepEqual(both.options.tls, { mode: 'files', cert: '/flag.crt', key: '/env.key' })
  assert.deepEqual(faultsOf(files, { KUBELET_CSR_GATE_CONTROLLER: 'no' }), [
    '$KUBELET_CSR_GATE_CONTROLLER: is "no", must be true or false',
  ])
})

test('callers of the webhook are a CA, prefixes, or both', () => {
  const { options } = read({
    ...files,
    'webhook-client-ca': '/ca.crt',
    'webhook-callers': '10.0.0.1, 2001:db8::/64',
  })
  assert.deepEqual(options.webhookCallers, {
    clientCa: '/ca.crt',
    prefixes: [
      { address: '0a000001', bits: 32 },
      { address: '20010db8000000000000000000000000', bits: 64 },
    ],
  })
  for (const callers of ['10.0.0.1/24', '10.0.0.1,', 'api.example.com'])
    assert.deepEqual(faultsOf({ ...files, 'webhook-callers': callers }), [
      `--webhook-callers: is "${callers}", must be addresses or CIDRs without host bits, separated by commas, such as 192.0.2.1,2001:db8::/64`,
    ])
})

test('sources of truth are read with what belongs to each', () => {
  const { truth } = read({
    ...files,
    inventory: 'ns/one, ns/two',
    'cluster-api': 'capi/prod',
    'machines-kubeconfig': '/management',
    'dns-domains': 'example.com,test',
    'dns-servers': '10.0.0.53,[fd00::53]:5353',
  }).options
  assert.deepEqual(truth, {
    inventory: [
      { namespace: 'ns', name: 'one' },
      { namespace: 'ns', name: 'two' },
    ],
    machines: { cluster: 'prod', namespace: 'capi', kubeconfig: '/management' },
    dns: { domains: ['example.com', 'test'], servers: ['10.0.0.53', '[fd00::53]:5353'] },
  })
  assert.deepEqual(read({ ...files, 'openshift-machines': 'openshift-machine-api' }).options.truth.machines, {
    cluster: null,
    namespace: 'openshift-machine-api',
    kubeconfig: null,
  })
})

test('faults of sources of truth are listed, those of options without effect too', () => {
  const wrong = {
    ...files,
    inventory: Array.from({ length: 17 }, (_, index) => `ns/i${index}`).join(),
    'cluster-api': 'prod',
    'dns-domains': '.example.com',
    'dns-servers': 'dns.example.com',
  }
  assert.deepEqual(
    faultsOf(wrong).map((fault) => fault.replace(/is ".*", /u, '')),
    [
      '--dns-domains: must be domains in lower case without a leading dot, separated by commas',
      '--dns-servers: must be IP or IP:PORT, separated by commas',
      '--inventory: must be at most 16 of NAMESPACE/NAME, separated by commas',
      '--cluster-api: must be NAMESPACE/NAME in lower case',
    ],
  )
  const idle = { ...files, 'machines-kubeconfig': '/management', 'dns-servers': '10.0.0.53' }
  assert.deepEqual(faultsOf(idle), [
    '--dns-servers: has no effect without --dns-domains',
    '--machines-kubeconfig: has no effect without --cluster-api or --openshift-machines',
  ])
  const both = { ...files, 'cluster-api': 'capi/prod', 'openshift-machines': 'openshift-machine-api' }
  assert.deepEqual(faultsOf(both), ['--cluster-api, --openshift-machines: both are set, at most one can be'])
})

test('no flag uses an environment variable that Kubernetes sets for a Service of our name', () => {
  for (const flag of allFlags) assert.doesNotMatch(variableOf(flag), /^KUBELET_CSR_GATE_(PORT|SERVICE)/u)
})

test('an empty value counts as not set', () => {
  const reading = read({ ...files, policy: '' }, { KUBELET_CSR_GATE_WEBHOOK_LISTEN: '' })
  assert.ok(reading.ok)
  assert.equal(reading.options.policy, null)
})

test('a self-signed certificate needs a Secret, names and a webhook', () => {
  const selfSigned = {
    'tls-mode': 'self-signed',
    'tls-secret': 'webhook/webhook-tls',
    'tls-names': 'hook.webhook.svc, 127.0.0.1',
    'webhook-configuration': 'webhook',
  }
  assert.deepEqual(read(selfSigned).options.tls, {
    mode: 'self-signed',
    secret: { namespace: 'webhook', name: 'webhook-tls' },
    names: ['hook.webhook.svc', '127.0.0.1'],
    webhookConfiguration: 'webhook',
  })
  assert.deepEqual(faultsOf({ 'tls-mode': 'self-signed' }), [
    '--tls-secret: is required with --tls-mode=self-signed',
    '--tls-names: is required with --tls-mode=self-signed',
    '--webhook-configuration: is required with --tls-mode=self-signed',
  ])
})

test('a process without the webhook can keep the self-signed certificate of webhooks in other processes', () => {
  const kept = {
    webhook: 'false',
    'tls-mode': 'self-signed',
    'tls-secret': 'webhook/webhook-tls',
    'tls-names': 'hook.webhook.svc',
    'webhook-configuration': 'webhook',
  }
  assert.equal(read(kept).options.tls?.mode, 'self-signed')
  assert.deepEqual(faultsOf({ webhook: 'false', 'tls-mode': 'self-signed', 'tls-names': 'a' }), [
    '--tls-secret: is required with --tls-mode=self-signed',
    '--webhook-configuration: is required with --tls-mode=self-signed',
  ])
})

test('no certificate is required without the webhook, and no Lease without leader election', () => {
  const reading = read({ webhook: 'false', 'leader-elect': 'false' })
  assert.ok(reading.ok)
  assert.deepEqual([reading.options.tls, reading.options.lease], [null, null])
})

test('a listener takes an IP address, not a host name', () => {
  const listen = (value: string) => read({ ...files, 'webhook-listen': value })
  assert.deepEqual(listen('localhost:9443').options.webhookListen, { host: '127.0.0.1', port: 9_443 })
  assert.deepEqual(listen('[::]:9443').options.webhookListen, { host: '::', port: 9_443 })
  assert.deepEqual(listen('127.0.0.1:0').options.webhookListen, { host: '127.0.0.1', port: 0 })
  for (const wrong of [
    '9443',
    ':9443',
    'example.com:9443',
    '::1:9443',
    '[::1]',
    '0.0.0.0:65536',
    '0.0.0.0:-1',
    '[:::]:1',
  ]) {
    assert.equal(listen(wrong).ok, false, wrong)
  }
})

test('all faults are listed at once, contradictions included', () => {
  const flags = {
    ...files,
    server: 'http://10.0.0.1',
    webhook: 'on',
    'metrics-listen': '0.0.0.0:10250',
    lease: 'WebhookServer',
    'drain-seconds': '1m',
    'log-level': 'loud',
    'tls-mode': 'vault',
  }
  assert.deepEqual(faultsOf(flags), [
    '--webhook: is "on", must be true or false',
    '--lease: is "WebhookServer", must be NAMESPACE/NAME in lower case',
    '--server: is "http://10.0.0.1", must be an https URL',
    '--tls-mode: is "vault", must be one of files, self-signed',
    '--drain-seconds: is "1m", must be a whole number from 0 to 20',
    '--log-level: is "loud", must be one of debug, info, warn, error',
    '--metrics-listen: is the same as --webhook-listen, must be a different address',
  ])
  assert.deepEqual(faultsOf({ webhook: 'false', controller: 'false' }), [
    '--webhook, --controller: both are false, at least one must be true',
  ])
})

test('every default is valid for its flag', () => {
  for (const flag of allFlags) assert.ok(flag.initial === null || flag.read(flag.initial).ok, flag.name)
})
