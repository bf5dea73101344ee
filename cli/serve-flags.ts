import {
  dnsServers,
  domains,
  groups,
  httpsUrl,
  listenAddress,
  namespace,
  namespacedName,
  namespacedNames,
  names,
  oneOf,
  prefixes,
  type Reader,
  text,
  trueOrFalse,
  wholeNumber,
} from './values.ts'

/** A flag of `serve`. It takes precedence over its environment variable. */
export interface Flag<T> {
  readonly name: string
  /** Placeholder in the help, such as FILE. */
  readonly value: string
  /** The default, as text. Null if there is none. */
  readonly initial: string | null
  readonly read: Reader<T>
  readonly about: string
}
/** A flag with a default. */
export type SetFlag<T> = Flag<T> & { readonly initial: string }

/**
 * The environment variable of a flag: KUBELET_CSR_GATE_TLS_CERT for `tls-cert`. No flag may be named `port` or
 * `service-…`, since Kubernetes sets those variables for a Service of our name.
 */
export function variableOf({ name }: Pick<Flag<unknown>, 'name'>): string {
  return `KUBELET_CSR_GATE_${name.toUpperCase().replaceAll('-', '_')}`
}

const logLevels = ['debug', 'info', 'warn', 'error'] as const

function flag<T>(name: string, value: string, reader: Reader<T>, about: string): Flag<T> {
  return { name, value, initial: null, read: reader, about }
}

function setFlag<T>(
  name: string,
  value: string,
  [initial, reader]: readonly [string, Reader<T>],
  about: string,
): SetFlag<T> {
  return { name, value, initial, read: reader, about }
}

/** All flags, in the order of `--help`. The flag table in docs/reference.md is generated from them. */
export const serveFlags = {
  kubeconfig: flag(
    'kubeconfig',
    'FILE',
    text,
    "Kubeconfig file for the API server. Default: $KUBECONFIG, else the pod's service account, else ~/.kube/config.",
  ),
  context: flag('context', 'NAME', text, 'Context in the kubeconfig.'),
  server: flag(
    'server',
    'URL',
    httpsUrl,
    'URL of the API server. Overrides the kubeconfig and the service account.',
  ),
  policy: flag(
    'policy',
    'FILE',
    text,
    'Policy file. It is reloaded when it changes. Default: the built-in default policy.',
  ),
  webhook: setFlag('webhook', 'true|false', ['true', trueOrFalse], 'Run the validating webhook.'),
  controller: setFlag(
    'controller',
    'true|false',
    ['true', trueOrFalse],
    'Run the controller, which approves and denies stored CSRs.',
  ),
  webhookListen: setFlag(
    'webhook-listen',
    'IP:PORT',
    ['0.0.0.0:10250', listenAddress],
    'Address on which the webhook serves HTTPS.',
  ),
  webhookClientCa: flag(
    'webhook-client-ca',
    'FILE',
    text,
    'PEM certificates of the CAs that signed the client certificates of API servers. Reviews from other callers are refused. It is reloaded when it changes.',
  ),
  webhookCallers: flag(
    'webhook-callers',
    'CIDR,CIDR',
    prefixes,
    'Addresses of the API servers, as the webhook sees them. Reviews from other addresses are refused. Default: any.',
  ),
  tlsMode: setFlag(
    'tls-mode',
    'MODE',
    ['files', oneOf(['files', 'self-signed'])],
    'Source of the serving certificate: `files`, or `self-signed` for a Secret that this process fills and rotates, with --webhook=false for webhooks that read it as files.',
  ),
  tlsCert: flag(
    'tls-cert',
    'FILE',
    text,
    'For `files`: PEM certificate chain. It is reloaded when it changes.',
  ),
  tlsKey: flag('tls-key', 'FILE', text, 'For `files`: PEM private key.'),
  tlsSecret: flag('tls-secret', 'NAMESPACE/NAME', namespacedName, 'For `self-signed`: the Secret.'),
  tlsNames: flag(
    'tls-names',
    'NAME,NAME',
    names,
    'For `self-signed`: DNS names and IP addresses under which the API server calls the webhook.',
  ),
  webhookConfiguration: flag(
    'webhook-configuration',
    'NAME',
    text,
    'For `self-signed`: the ValidatingWebhookConfiguration whose caBundle is kept up to date.',
  ),
  probePort: setFlag(
    'probe-port',
    'PORT',
    ['10250', wholeNumber(1, 65_535)],
    'Port of the kubelets, on which the controller dials the addresses that they ask for.',
  ),
  probeCa: flag(
    'probe-ca',
    'FILE',
    text,
    "PEM certificates of the CAs that sign serving certificates of kubelets, if they are not the API server's. It is reloaded when it changes.",
  ),
  breakGlassGroups: flag(
    'break-glass-groups',
    'GROUP,GROUP',
    groups,
    'Groups whose members may approve CSRs past policy, with a warning, where the guard is registered. Default: none.',
  ),
  metricsListen: setFlag(
    'metrics-listen',
    'IP:PORT',
    ['0.0.0.0:8080', listenAddress],
    'Address on which /livez, /readyz and /metrics are served over HTTP.',
  ),
  leaderElect: setFlag(
    'leader-elect',
    'true|false',
    ['true', trueOrFalse],
    'Elect one replica as the leader, which approves. Set to `false` only if there is a single replica.',
  ),
  lease: setFlag(
    'lease',
    'NAMESPACE/NAME',
    ['kubelet-csr-gate/kubelet-csr-gate', namespacedName],
    'The Lease for leader election.',
  ),
  inventory: flag(
    'inventory',
    'NAMESPACE/NAME,…',
    namespacedNames,
    'ConfigMaps of the inventory, a source of truth. See docs/sources.md.',
  ),
  clusterApi: flag(
    'cluster-api',
    'NAMESPACE/CLUSTER',
    namespacedName,
    'The Cluster of Cluster API whose Machines are a source of truth.',
  ),
  openshiftMachines: flag(
    'openshift-machines',
    'NAMESPACE',
    namespace,
    'Namespace of the Machines of OpenShift, as a source of truth: openshift-machine-api.',
  ),
  machinesKubeconfig: flag(
    'machines-kubeconfig',
    'FILE',
    text,
    'Kubeconfig file for the management cluster of the Machines. Default: they are in this cluster.',
  ),
  dnsDomains: flag(
    'dns-domains',
    'DOMAIN,DOMAIN',
    domains,
    'Domains in which the DNS is a source of truth for <node>.<domain>.',
  ),
  dnsServers: flag(
    'dns-servers',
    'IP,IP:PORT',
    dnsServers,
    'DNS servers for --dns-domains. Default: those of the pod.',
  ),
  ledger: flag(
    'ledger',
    'NAMESPACE/NAME',
    namespacedName,
    'The ConfigMaps NAME-00 to NAME-15, which keep what each Node was granted. Default: none. Grants are then forgotten when the process ends.',
  ),
  drainSeconds: setFlag(
    'drain-seconds',
    'SECONDS',
    ['2', wholeNumber(0, 20)],
    'Seconds to keep serving after SIGTERM, until API servers use other replicas. Use 10 in a cluster.',
  ),
  logLevel: setFlag(
    'log-level',
    'LEVEL',
    ['info', oneOf(logLevels)],
    `Lowest level that is logged: ${logLevels.join(', ')}.`,
  ),
} as const

export const allFlags: readonly Flag<unknown>[] = Object.values(serveFlags)
