/** The configuration of the service, `config.yaml`: its one schema. The chart's values, the docs and the service are made from it. */
import { type Static, Type } from 'typebox'
import { group } from '../policies/setting-groups.ts'
import { settingsSchema } from '../policies/settings.ts'

/** Components are separate Deployments, which share one config file. `all`: every component that the file enables. */
export const components = ['all', 'webhook', 'controller'] as const
export type Component = (typeof components)[number]

const flag = (description: string, value: boolean) => Type.Boolean({ description, default: value })
const port = (description: string, value: number) =>
  Type.Integer({ description, default: value, minimum: 1, maximum: 65_535 })
/** A path. Empty: no file. */
const file = (description: string, value = '') => Type.String({ description, default: value })
const objectName = (description: string, value = '') =>
  Type.String({
    description,
    default: value,
    title: 'the name of an object in lower case',
    pattern: '^$|^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$',
    maxLength: 253,
  })
const list = (
  description: string,
  item: { readonly title: string; readonly pattern: string },
  maxItems: number,
) => Type.Array(Type.String(item), { description, default: [], maxItems, uniqueItems: true })

const DOMAIN = {
  title: 'a domain in lower case without a leading dot',
  pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$',
  maxLength: 253,
}
const ADDRESS = { title: 'an IP address', pattern: '^[0-9a-fA-F.:]+$' }
const OBJECT_NAME = {
  title: 'a name in lower case',
  pattern: '^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$',
  maxLength: 253,
}

const webhook = group('The validating webhook: refuses non-conforming CSRs at creation.', {
  enabled: flag(
    'Run the webhook. Without it, the controller reaches the same verdicts on stored CSRs.',
    true,
  ),
  port: port(
    'Port that the webhook listens on. Most control planes can reach port 10250. With hostNetwork choose another port: the kubelet uses 10250.',
    10_250,
  ),
  clientCAFile: file(
    'File with PEM certificates of the CAs that signed the client certificates of API servers. Reviews from other callers are refused. It is reloaded when it changes.',
  ),
  callers: list(
    'Addresses or CIDRs of the API servers, as the webhook sees them. Reviews from other addresses are refused. Default: any.',
    { title: 'an address or a CIDR without host bits', pattern: '^[0-9a-fA-F.:]+(/[0-9]{1,3})?$' },
    1_000,
  ),
})

const controller = group('The controller: judges stored CSRs and approves the conforming ones.', {
  enabled: flag('Run the controller. Without it, kubelet-csr-gate approves nothing.', true),
})

const leaderElection = group('Leader election of the controller, by a Lease.', {
  leaderElect: flag(
    'Elect one replica as the leader, which approves. Set to `false` only if there is a single replica.',
    true,
  ),
  resourceName: objectName('Name of the Lease.', 'kubelet-csr-gate'),
})

const guard = group(
  'The guard: refuses approvals by anyone but the controller of CSRs that the controller would not approve.',
  {
    enabled: flag('Whether the guard is registered. Like the controller, it dials kubelets.', false),
    breakGlassGroups: Type.Array(Type.String({ description: 'A group.', minLength: 1, maxLength: 128 }), {
      description:
        'Groups whose members may approve any CSR, with a warning and the reason in the audit log. A user who may impersonate ' +
        'such a group counts as a member. Default: none.',
      default: [],
    }),
  },
)

const kubelet = group(
  'The kubelets. The controller and the guard dial the addresses in a CSR to see which kubelet answers there. See docs/probe.md.',
  {
    port: port('Port of the kubelets.', 10_250),
    caFile: file(
      "File with PEM certificates of the CAs that sign serving certificates of kubelets, if they are not the API server's. It is reloaded when it changes.",
    ),
  },
)

const sources = group(
  'Sources of truth: lists of names and addresses that nodes cannot write. `policy.sources` and `policy.pools` say which nodes need which. See docs/sources.md.',
  {
    inventory: group('`inventory`: your own list of nodes with their names and addresses.', {
      configMaps: list('Names of ConfigMaps. All keys that end in `.yaml` are read.', OBJECT_NAME, 16),
    }),
    clusterApi: group('`clusterApi`: the Machines of a Cluster of Cluster API, or of OpenShift.', {
      namespace: objectName('Namespace of the Cluster and its Machines.'),
      cluster: objectName('Name of the Cluster.'),
      openshiftNamespace: objectName(
        'On OpenShift, instead of `namespace` and `cluster`: the namespace of the Machines, `openshift-machine-api`.',
      ),
      kubeconfigFile: file(
        'Kubeconfig file for the management cluster. Default: the Machines are in this cluster.',
      ),
    }),
    dns: group('`dns`: DNS servers, for names of the form `<node>.<domain>`.', {
      domains: list('Domains that you control.', DOMAIN, 16),
      servers: list(
        'DNS servers, as IP or IP:PORT. IPv6 with a port is `[IP]:PORT`. Default: those of the pod.',
        { title: 'IP or IP:PORT', pattern: '^[0-9a-fA-F.:\\[\\]]+$' },
        8,
      ),
    }),
  },
)

const tls = group("The webhook's serving certificate.", {
  mode: Type.Enum(['files', 'selfSigned'], {
    description:
      '`files`: another program renews the certificate. `selfSigned`: the controller keeps a CA and a certificate in a Secret, which pods of the webhook read as files. Without the controller, the webhook does this itself.',
    default: 'files',
  }),
  certFile: file(
    'PEM certificate chain. It is reloaded when it changes.',
    '/etc/kubelet-csr-gate/tls/tls.crt',
  ),
  keyFile: file('PEM private key.', '/etc/kubelet-csr-gate/tls/tls.key'),
  secretName: objectName('For `selfSigned`: the Secret.', 'kubelet-csr-gate-tls'),
  names: list(
    'For `selfSigned`: DNS names and IP addresses under which API servers call the webhook.',
    { title: 'a DNS name or an IP address', pattern: '^[-0-9a-zA-Z.:]+$' },
    16,
  ),
  webhookConfiguration: objectName(
    'For `selfSigned`: the ValidatingWebhookConfiguration whose caBundle is kept up to date.',
    'kubelet-csr-gate',
  ),
})

export const configSchema = group('The configuration of the service.', {
  namespace: objectName(
    'Namespace of the Lease, the ledger, the Secret and the inventory.',
    'kubelet-csr-gate',
  ),
  listenAddress: Type.String({
    ...ADDRESS,
    description: 'IP address that the webhook and the metrics are served on: `::` in clusters with IPv6.',
    default: '0.0.0.0',
  }),
  webhook,
  controller,
  leaderElection,
  guard,
  kubelet,
  sources,
  ledger: group('The ledger, which keeps what each Node was granted.', {
    name: objectName(
      'The ConfigMaps NAME-00 to NAME-15. Default: none. Grants are then forgotten when the process ends.',
    ),
  }),
  tls,
  metrics: group('Health and metrics.', {
    port: port('Port that serves /livez, /readyz and /metrics over HTTP.', 8_080),
  }),
  drainSeconds: Type.Integer({
    description:
      'Seconds for which a terminating process continues to answer, so that API servers can move their connections.',
    default: 10,
    minimum: 0,
    maximum: 20,
  }),
  policy: settingsSchema,
})

/** A config file with its defaults filled in. */
export type Config = Static<typeof configSchema>
