import {
  httpsUrl,
  listenAddress,
  namespacedName,
  names,
  oneOf,
  type Reader,
  text,
  trueOrFalse,
  wholeNumber,
} from './values.ts'

/** One flag of `serve`. A flag wins over its environment variable. */
export interface Flag<T> {
  readonly name: string
  /** In the help, such as FILE. */
  readonly value: string
  /** As it would be given; null where there is none. */
  readonly initial: string | null
  readonly read: Reader<T>
  readonly about: string
}
/** A flag that always has a value. */
export type SetFlag<T> = Flag<T> & { readonly initial: string }

/** `tls-cert` is KUBELET_CSR_GATE_TLS_CERT. No flag may be `port` or `service-…`: a Service sets those variables. */
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

/** Every flag, in the order of the help and of the docs table, which is made from this one. */
export const serveFlags = {
  kubeconfig: flag(
    'kubeconfig',
    'FILE',
    text,
    "Kubeconfig to reach the API server by. Without it: the pod's service account, else $KUBECONFIG, else ~/.kube/config.",
  ),
  context: flag('context', 'NAME', text, 'Context of the kubeconfig.'),
  server: flag('server', 'URL', httpsUrl, 'URL of the API server, in place of the one that is configured.'),
  policy: flag(
    'policy',
    'FILE',
    text,
    'Policy file, followed while serving. Without it the default policy is in force.',
  ),
  webhook: setFlag('webhook', 'true|false', ['true', trueOrFalse], 'Whether to answer admission reviews.'),
  controller: setFlag(
    'controller',
    'true|false',
    ['true', trueOrFalse],
    'Whether to approve and deny stored CSRs.',
  ),
  webhookListen: setFlag(
    'webhook-listen',
    'IP:PORT',
    ['0.0.0.0:10250', listenAddress],
    'Where the webhook answers over HTTPS.',
  ),
  tlsMode: setFlag(
    'tls-mode',
    'MODE',
    ['files', oneOf(['files', 'self-signed'])],
    "Where the webhook's certificate comes from: `files`, or `self-signed`, a Secret that the replicas fill and rotate.",
  ),
  tlsCert: flag('tls-cert', 'FILE', text, 'With files: certificate chain, PEM, followed while serving.'),
  tlsKey: flag('tls-key', 'FILE', text, 'With files: its key, PEM.'),
  tlsSecret: flag('tls-secret', 'NAMESPACE/NAME', namespacedName, 'With self-signed: the Secret.'),
  tlsNames: flag(
    'tls-names',
    'NAME,NAME',
    names,
    'With self-signed: DNS names and addresses that the API server calls the webhook by.',
  ),
  webhookConfiguration: flag(
    'webhook-configuration',
    'NAME',
    text,
    'With self-signed: the ValidatingWebhookConfiguration whose caBundle is kept.',
  ),
  metricsListen: setFlag(
    'metrics-listen',
    'IP:PORT',
    ['0.0.0.0:8080', listenAddress],
    'Where /livez, /readyz and /metrics are answered over HTTP.',
  ),
  leaderElect: setFlag(
    'leader-elect',
    'true|false',
    ['true', trueOrFalse],
    'Whether replicas agree by a Lease on the one that approves. `false` only for a single process.',
  ),
  lease: setFlag(
    'lease',
    'NAMESPACE/NAME',
    ['kubelet-csr-gate/kubelet-csr-gate', namespacedName],
    'The Lease they agree by.',
  ),
  drainSeconds: setFlag(
    'drain-seconds',
    'SECONDS',
    ['2', wholeNumber(0, 20)],
    'How long to go on answering after SIGTERM, until API servers have gone elsewhere: 10 in a cluster.',
  ),
  logLevel: setFlag(
    'log-level',
    'LEVEL',
    ['info', oneOf(logLevels)],
    `Least severe log line: ${logLevels.join(', ')}.`,
  ),
} as const

export const allFlags: readonly Flag<unknown>[] = Object.values(serveFlags)
