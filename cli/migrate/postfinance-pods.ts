import { isObject, objectAt } from '../../server/json.ts'
import type { JsonObject } from '../../server/ports.ts'
import type { Migrating } from './note.ts'
import { textOf } from './text-of.ts'

/** Values of the same name and shape: ours at the right. */
const alike: Readonly<Record<string, string>> = {
  imagePullSecrets: 'imagePullSecrets',
  podAnnotations: 'podAnnotations',
  podLabels: 'podLabels',
  podSecurityContext: 'podSecurityContext',
  securityContext: 'securityContext',
  nodeSelector: 'nodeSelector',
  tolerations: 'tolerations',
  affinity: 'affinity',
  priorityClassName: 'priorityClassName',
  dnsPolicy: 'dnsPolicy',
  dnsConfig: 'dnsConfig',
  'rbac.manage': 'rbac.create',
  'serviceAccount.create': 'controller.serviceAccount.create',
  'serviceAccount.annotations': 'controller.serviceAccount.annotations',
  'serviceAccount.name': 'controller.serviceAccount.name',
  'image.pullPolicy': 'image.pullPolicy',
  'metrics.port': 'metrics.port',
  'metrics.annotations': 'metrics.service.annotations',
  'metrics.serviceMonitor.enabled': 'metrics.serviceMonitor.enabled',
  'metrics.serviceMonitor.additionalLabels': 'metrics.serviceMonitor.additionalLabels',
  'metrics.serviceMonitor.interval': 'metrics.serviceMonitor.interval',
  'metrics.serviceMonitor.scrapeTimeout': 'metrics.serviceMonitor.scrapeTimeout',
  'metrics.serviceMonitor.relabelings': 'metrics.serviceMonitor.relabelings',
  'metrics.serviceMonitor.metricRelabelings': 'metrics.serviceMonitor.metricRelabelings',
}

/** Values without an equivalent, and why. */
const without: Readonly<Record<string, string>> = {
  leaderElection: 'a leader is always elected',
  resources:
    'the default resources of this chart are measured for its own pods. See webhook.resources and controller.resources',
  namespace: 'the namespace is that of the release: helm --namespace',
  nameOverride: 'not taken over: both releases may run beside each other while you compare them',
  fullnameOverride: 'not taken over: both releases may run beside each other while you compare them',
  'image.repository':
    'that is the image of the other program. For a mirror, set image.registry and image.repository',
  'image.tag': 'that is the version of the other program',
  'metrics.enable': 'metrics are always served. Restrict who reads them: networkPolicy.scrapers',
  'metrics.serviceType': 'the Service of the metrics is headless',
  extraObjects:
    'not taken over: they may refer to the names of the other release. Copy them if they are still needed',
}

/** What flagsOf and its neighbours have dealt with. */
const judged = new Set([
  'global',
  'env',
  'loggingLevel',
  'replicas',
  'providerRegex',
  'providerIpPrefixes',
  'maxExpirationSeconds',
  'bypassDnsResolution',
  'bypassHostnameCheck',
  'ignoreNonSystemNode',
  'skipDenyStep',
  'allowedDnsNames',
])

/** Charts nest no deeper. */
const DEPTH_MAX = 3

/** How it runs. */
export function deploymentOf(given: JsonObject, migrating: Migrating, variables: ReadonlySet<string>): void {
  replicasOf(given, migrating)
  environmentOf(given, migrating, variables)
  if (Number(given['loggingLevel'] ?? 0) > 0) {
    migrating.set('logLevel', 'debug')
    migrating.same('loggingLevel', 'logLevel: debug')
  }
  for (const [key, value] of Object.entries(given)) if (!judged.has(key)) settle(key, value, migrating)
  if (given['metrics'] !== undefined)
    migrating.changed(
      'metrics',
      'the metrics have other names: see the table in docs/reference.md for alerts and dashboards',
    )
}

/** A value that is known by itself, or else what is in it. */
function settle(path: string, value: unknown, migrating: Migrating): void {
  const [ours, because] = [alike[path], without[path]]
  if (ours !== undefined) {
    if (isEmpty(value)) return
    migrating.set(ours, value)
    return migrating.same(path, ours)
  }
  if (because !== undefined) {
    if (!isEmpty(value)) migrating.none(path, because)
    return
  }
  const isGroup = Object.keys({ ...alike, ...without }).some((known) => known.startsWith(`${path}.`))
  if (isGroup && isObject(value) && path.split('.').length < DEPTH_MAX)
    for (const [key, inner] of Object.entries(value)) settle(`${path}.${key}`, inner, migrating)
  else migrating.none(path, 'the chart of the approver has no such value, so it had no effect')
}

function replicasOf({ replicas }: JsonObject, migrating: Migrating): void {
  const wanted = Number(replicas ?? 2)
  const text = textOf(replicas) || '2'
  if (!Number.isInteger(wanted) || wanted < 1)
    return migrating.none('replicas', `${text} pods approve nothing: controller.replicas stays 1`)
  const pods = Math.min(wanted, 20)
  migrating.set('controller.replicas', pods)
  migrating.changed(
    'replicas',
    'controller.replicas. The webhook has pods of its own: webhook.replicas, 2 by default',
  )
}

/** The chart of the other approver needs this where Services do not work yet. */
const API_HOST = 'KUBERNETES_SERVICE_HOST'
const API_PORT = 'KUBERNETES_SERVICE_PORT'

function environmentOf({ env }: JsonObject, migrating: Migrating, variables: ReadonlySet<string>): void {
  const entries = Array.isArray(env) ? env.filter(isObject) : []
  const rest = entries.filter((entry) => !variables.has(textOf(entry['name'])))
  const valueOf = (name: string): string =>
    textOf(rest.findLast((entry) => entry['name'] === name)?.['value'])
  const [host, port] = [valueOf(API_HOST), Number(valueOf(API_PORT))]
  if (host !== '') {
    migrating.set('kubeApi.host', host)
    if (Number.isInteger(port) && port > 0) migrating.set('kubeApi.port', port)
    migrating.same(`env ${API_HOST}`, 'kubeApi.host and kubeApi.port')
  }
  const others = rest.filter((entry) => ![API_HOST, API_PORT].includes(textOf(entry['name'])))
  if (others.length === 0) return
  migrating.set('extraEnv', others)
  migrating.changed(
    'env',
    'extraEnv. See whether they still mean anything: other variables of the other program do not',
  )
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === '') return true
  if (Array.isArray(value)) return value.length === 0
  return isObject(value) && Object.keys(objectAt(value)).length === 0
}
