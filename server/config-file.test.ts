import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { defaultSettings } from '../policies/settings.ts'
import { loadConfig, parseConfig } from './config-file.ts'

async function faultsOf(text: string): Promise<readonly string[]> {
  const loaded = await parseConfig(text, 'c')
  return loaded.ok ? [] : loaded.faults
}

async function configOf(text: string) {
  const loaded = await parseConfig(text, 'c')
  assert.ok(loaded.ok, loaded.ok ? '' : loaded.faults.join('\n'))
  return loaded
}

test('what a file does not set has its default', async () => {
  const { config } = await configOf('kubelet: {caFile: /ca.crt}\ndrainSeconds: 3')
  assert.deepEqual(config.kubelet, { port: 10_250, caFile: '/ca.crt' })
  assert.equal(config.drainSeconds, 3)
  assert.equal(config.webhook.port, 10_250)
  const { config: empty, rules } = await configOf('')
  assert.equal(empty.kubelet.caFile, '')
  assert.deepEqual(rules.settings, { ...defaultSettings, denyStored: true })
})

test('stored CSRs are denied by default where the file enables the webhook, in whatever process', async () => {
  const denies = async (text: string) => (await configOf(text)).rules.settings.denyStored
  assert.equal(await denies('webhook: {enabled: false}'), false)
  assert.equal(await denies('webhook: {enabled: false}\npolicy: {denyStored: true}'), true)
})

test('all faults are listed at once: of the schema, of addresses, of contradictions and of the policy', async () => {
  const text = `webhook: {port: 8080, callers: [10.0.0.1/24, api.example.com]}
kubelet: {ports: 10250}
listenAddress: 1.2.3
leaderElection: {resourceName: Lease}
sources:
  dns: {servers: [dns, 10.0.0.53]}
tls: {mode: vault}
drainSeconds: 1m
policy:
  mode: enforced
  names: {patterns: ['[']}
metrix: {}`
  assert.deepEqual(await faultsOf(text), [
    'c:1:46 webhook.callers[1]: is "api.example.com", must be an address or a CIDR without host bits',
    'c:2:11 kubelet.ports: is not a setting; did you mean port?',
    'c:3:1 listenAddress: is "1.2.3", must be an IP address',
    'c:4:18 leaderElection.resourceName: is "Lease", must be the name of an object in lower case',
    'c:6:19 sources.dns.servers[0]: is "dns", must be IP or IP:PORT',
    'c:7:7 tls.mode: is "vault", must be one of files, selfSigned',
    'c:8:1 drainSeconds: is "1m", must be a whole number, from 0 to 20',
    'c:10:3 policy.mode: is "enforced", must be one of enforce, dryRun, approveOnly',
    'c:11:22 policy.names.patterns[0]: is not an RE2 pattern: error parsing regexp: missing closing ]: `[`',
    'c:12:1 metrix: is not a setting; did you mean metrics?',
  ])
})

test('settings that contradict each other, or have no effect, are faults', async () => {
  const contradictions: readonly (readonly [string, string])[] = [
    [
      'webhook: {enabled: false}\ncontroller: {enabled: false}',
      'c:2:14 controller.enabled: is false, and so is webhook.enabled: at least one must be true',
    ],
    ['metrics: {port: 10250}', 'c:1:11 metrics.port: is the same as webhook.port, must be another port'],
    [
      'tls: {mode: selfSigned}',
      'c:1:1 tls.names: is empty: tls.mode selfSigned needs the names under which API servers call the webhook',
    ],
    [
      'sources: {clusterApi: {cluster: prod}}',
      'c:1:24 sources.clusterApi.cluster: belongs together with sources.clusterApi.namespace: set both or none',
    ],
    [
      'sources: {clusterApi: {namespace: a, cluster: b, openshiftNamespace: c}}',
      'c:1:50 sources.clusterApi.openshiftNamespace: is set, and so is sources.clusterApi.cluster: at most one can be',
    ],
    [
      'sources: {clusterApi: {kubeconfigFile: /k}}',
      'c:1:24 sources.clusterApi.kubeconfigFile: has no effect without sources.clusterApi.cluster or openshiftNamespace',
    ],
    [
      'sources: {dns: {servers: [10.0.0.53]}}',
      'c:1:17 sources.dns.servers: has no effect without sources.dns.domains',
    ],
    [
      'webhook: {callers: [10.0.0.1/24]}',
      'c:1:21 webhook.callers[0]: is "10.0.0.1/24", must be an address or a CIDR without host bits, such as 192.0.2.1 or 2001:db8::/64',
    ],
  ]
  for (const [text, fault] of contradictions) assert.deepEqual(await faultsOf(text), [fault])
})

test('a DNS server has an address, and a port after an address in brackets if it is IPv6', async () => {
  const isServer = async (server: string) =>
    (await faultsOf(`sources: {dns: {domains: [a.b], servers: ['${server}']}}`)).length === 0
  for (const server of ['10.0.0.53', '10.0.0.53:5353', 'fd00::53', '[fd00::53]:5353'])
    assert.ok(await isServer(server), server)
  for (const server of ['10.0.0', '10.0.0.53:99999', '[fd00::53', '[10.0.0.53:1'])
    assert.ok(!(await isServer(server)), server)
})

test('a missing file, a folder and a file that is too large are faults with the path', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'config-test-'))
  const large = join(folder, 'large.yaml')
  await writeFile(large, `# ${'x'.repeat(256 * 1024)}`)
  const faultOf = async (path: string) => {
    const loaded = await loadConfig(path)
    return loaded.ok ? '' : loaded.faults.join('\n')
  }
  assert.match(await faultOf(join(folder, 'none.yaml')), /^\/.*none\.yaml: cannot be read: ENOENT/u)
  assert.match(await faultOf(folder), /cannot be read: EISDIR/u)
  assert.equal(await faultOf(large), `${large}: is larger than 262144 bytes`)
  await rm(folder, { recursive: true })
})
