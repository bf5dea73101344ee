import { Type } from 'typebox'
import { group, OBJECT_NAME, text } from './kinds.ts'

const list = (
  description: string,
  item: { readonly pattern: string; readonly maxLength?: number; readonly minLength?: number },
  maxItems: number,
) => Type.Array(Type.String(item), { description, default: [], maxItems, uniqueItems: true })

const DOMAIN = '^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$'

export const sources = group(
  'Sources of truth, which say more of a node than its own word. `policy.sources` and `policy.pools` say which nodes need which. See docs/sources.md.',
  {
    inventory: group('`inventory`: your own list of nodes with their names and addresses.', {
      configMaps: list(
        'Names of ConfigMaps in the release namespace. All keys that end in `.yaml` are read.',
        { minLength: 1, maxLength: 253, pattern: '^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$' },
        16,
      ),
    }),
    clusterApi: group('`clusterApi`: the Machines of a Cluster of Cluster API, or of OpenShift.', {
      namespace: text('Namespace of the Cluster and its Machines.', '', OBJECT_NAME),
      cluster: text('Name of the Cluster.', '', OBJECT_NAME),
      openshiftNamespace: text(
        'Instead of both: the namespace of the Machines of OpenShift, `openshift-machine-api`.',
        '',
        OBJECT_NAME,
      ),
      kubeconfigSecret: text(
        'Secret in the release namespace whose key `kubeconfig` is for the management cluster. Default: the Machines are in this cluster.',
        '',
        OBJECT_NAME,
      ),
    }),
    dns: group('`dns`: the DNS, for names of the form `<node>.<domain>`.', {
      domains: list('Domains that you control.', { maxLength: 253, pattern: DOMAIN }, 16),
      servers: list(
        'Servers, as IP or IP:PORT (IPv6 with a port in brackets). Default: those of the pod.',
        { pattern: '^[0-9a-fA-F.:\\[\\]]+$' },
        8,
      ),
    }),
  },
)
