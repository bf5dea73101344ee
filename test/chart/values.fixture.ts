/** The values of the chart, and another allowed value for each. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CHART } from './helm.ts'

interface Schema {
  readonly description: string
  readonly type?: string | readonly string[]
  readonly default?: unknown
  readonly enum?: readonly unknown[]
  readonly maximum?: number
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
}

export const schema: Schema = JSON.parse(await readFile(join(CHART, 'values.schema.json'), 'utf8'))

/** Values that change nothing when set alone, and why. */
export const exceptions: Readonly<Record<string, string>> = {
  enabled: 'read by Helm alone, as the condition of an umbrella chart: umbrella.proof.ts',
}

/** What must be set for a value to have an effect. A name that ends in a dot is for all values of a group. */
export const contexts: Readonly<Record<string, object>> = {
  'bootstrapGuard.': { bootstrapGuard: { enabled: true } },
  'guard.': { guard: { enabled: true } },
  'kubeApi.port': { kubeApi: { host: '192.0.2.1' } },
  'metrics.kubeletJob': { metrics: { prometheusRule: { enabled: true } } },
  'metrics.dashboard.': { metrics: { dashboard: { enabled: true } } },
  'metrics.podMonitor.': { metrics: { podMonitor: { enabled: true } } },
  'metrics.prometheusRule.': { metrics: { prometheusRule: { enabled: true } } },
  'metrics.serviceMonitor.': { metrics: { serviceMonitor: { enabled: true } } },
  'networkPolicy.': { networkPolicy: { enabled: true } },
  'podDisruptionBudget.minAvailable': { podDisruptionBudget: { maxUnavailable: null, minAvailable: 1 } },
  'controller.serviceAccount.create': { controller: { serviceAccount: { name: 'own' } } },
  'webhook.serviceAccount.create': { webhook: { serviceAccount: { name: 'own' } } },
  'sources.clusterApi.': { sources: { clusterApi: { namespace: 'capi', cluster: 'prod' } } },
  'sources.clusterApi.openshiftNamespace': {},
  'sources.dns.servers': { sources: { dns: { domains: ['example.com'] } } },
  'policy.sources': { sources: { inventory: { configMaps: ['inventory'] } } },
  'tls.certManager.': { tls: { mode: 'certManager' } },
  'tls.certManager.issuerRef.': {
    tls: { mode: 'certManager', certManager: { createIssuer: false, issuerRef: { name: 'own' } } },
  },
  'tls.existingSecret.': {
    tls: { mode: 'existingSecret', existingSecret: { name: 'own' } },
    webhook: { caBundle: '-----BEGIN CERTIFICATE-----' },
  },
  'validatingAdmissionPolicy.': { validatingAdmissionPolicy: { enabled: true } },
  'webhook.caBundle': {
    tls: { mode: 'existingSecret', existingSecret: { name: 'own' } },
    webhook: { caBundle: '-----BEGIN CERTIFICATE-----' },
  },
  'webhook.cleanupHook.': { webhook: { failurePolicy: 'Fail' } },
}

/** Other allowed values, where the schema alone does not give one. */
export const samples: Readonly<Record<string, unknown>> = {
  dnsPolicy: 'Default',
  'global.imagePullSecrets': ['one'],
  'image.digest': `sha256:${'0'.repeat(64)}`,
  'metrics.podMonitor.interval': '30s',
  'metrics.podMonitor.scrapeTimeout': '10s',
  'metrics.serviceMonitor.interval': '30s',
  'metrics.serviceMonitor.scrapeTimeout': '10s',
  'podDisruptionBudget.maxUnavailable': 2,
  'podDisruptionBudget.minAvailable': 2,
  'policy.denyStored': false,
  'policy.maxExpirationSeconds': 86_400,
  'policy.keys.allowed': ['RSA'],
  'policy.credential.refused': ['0a'.repeat(32)],
  'policy.addresses.prefixes': ['10.0.0.0/8'],
  'policy.reserved.addresses': ['10.0.0.1'],
  'policy.reserved.names': ['db.example.com'],
  'policy.sources': ['inventory'],
  'policy.pools': [{ name: 'metal', nodes: ['metal-.*'] }],
  'sources.dns.domains': ['example.com'],
  'sources.dns.servers': ['192.0.2.53'],
  'sources.inventory.configMaps': ['inventory'],
  'tls.certManager.duration': '9000h',
  'tls.certManager.renewBefore': '721h',
  'validatingAdmissionPolicy.expressions': [{ expression: 'true', message: 'never' }],
  'metrics.prometheusRule.disabled': ['KubeletCsrGateFlood'],
  'metrics.prometheusRule.runbookUrl': 'https://example.com/runbooks.md#',
  'networkPolicy.apiServers': ['192.0.2.0/24'],
  'webhook.caBundle': '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----',
  'kubelet.ca': '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----',
  'webhook.clientCA': '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----',
  'webhook.service.ipFamilies': ['IPv6'],
  'image.registry': 'r.example.com',
  'global.imageRegistry': 'r.example.com',
  'webhook.url': 'https://webhook.example.com/validate',
}

/** What must change with a value. */
export const together: Readonly<Record<string, readonly (readonly [string, unknown])[]>> = {
  'tls.certManager.createIssuer': [['tls.certManager.issuerRef.name', 'own']],
}

/** Every value that can be set on its own, by its path. */
export function leaves(group: Schema, path: readonly string[] = []): readonly (readonly [string, Schema])[] {
  if (group.properties === undefined) return [[path.join('.'), group]]
  return Object.entries(group.properties).flatMap(([name, inner]) => leaves(inner, [...path, name]))
}

/** Values that differ in one value, the second with what must change with it. */
export function changeOf(path: string, value: Schema): { readonly before: object; readonly after: object } {
  const before = contextOf(path)
  const changes = [[path, otherValue(path, value, before)] as const, ...(together[path] ?? [])]
  const after = changes.reduce((all, [at, each]) => withValue(all, at.split('.'), each), before)
  return { before, after }
}

/** The context of a value: its own, or that of the smallest group with one. */
function contextOf(path: string): object {
  const names = Object.keys(contexts).filter(
    (name) => path === name || (name.endsWith('.') && path.startsWith(name)),
  )
  const [name = ''] = names.toSorted((a, b) => b.length - a.length)
  return contexts[name] ?? {}
}

/** An allowed value other than the one in the context, which is the default where the context has none. */
function otherValue(path: string, { items, ...value }: Schema, context: object): unknown {
  if (path in samples) return samples[path]
  const [type] = [value.type].flat()
  const current = valueAt(context, path) ?? value.default
  if (value.enum !== undefined) return value.enum.find((each) => each !== current)
  if (type === 'boolean') return current !== true
  if (type === 'integer') return Number(current ?? 8_000) + (current === value.maximum ? -1 : 1)
  return type === 'array' ? [otherOf(items?.type)] : otherOf(type)
}

const otherOf = (type: Schema['type']) => (type === 'string' ? 'changed' : { changed: 'yes' })

function valueAt(values: object, path: string): unknown {
  return path.split('.').reduce<unknown>((inner, key) => Reflect.get(Object(inner), key), values)
}

function withValue(values: object, [key = '', ...rest]: readonly string[], value: unknown): object {
  const inner: unknown = Reflect.get(values, key)
  return { ...values, [key]: rest.length === 0 ? value : withValue(Object(inner ?? {}), rest, value) }
}
