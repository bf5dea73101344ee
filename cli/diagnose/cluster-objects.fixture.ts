import type { JsonObject } from '../../server/ports.ts'
import { CONFIG_LABEL } from '../cluster/installed.ts'

/** Where the objects of a cluster are. */
export const PATHS = {
  nodes: '/api/v1/nodes',
  csrs: '/apis/certificates.k8s.io/v1/certificatesigningrequests',
  pods: '/api/v1/namespaces/kube-system/pods',
  configMaps: '/api/v1/namespaces/kube-system/configmaps',
  policies: '/api/v1/namespaces/gate/configmaps',
  leases: '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases',
  secrets: '/api/v1/namespaces/gate/secrets',
  deployments: '/apis/apps/v1/namespaces/gate/deployments',
  daemonSets: '/apis/apps/v1/namespaces/gate/daemonsets',
  roles: '/apis/rbac.authorization.k8s.io/v1/clusterroles',
  bindings: '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
  webhooks: '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations',
} as const

type Named = JsonObject & { readonly metadata: JsonObject & { readonly name: string } }
type Put = readonly [keyof typeof PATHS, Named]

export const WEBHOOK = 'webhook.kubelet-csr-gate.io'
const SIGNER = 'kubernetes.io/kubelet-serving'

interface Parts {
  readonly kubelets: readonly { readonly name: string; readonly address: string }[]
  readonly caPem: string
  /** Base64 of PEM, as are the next two. */
  readonly certificate: string
  readonly caBundle: string
  readonly webhookCertificate: string
}

/** The objects of a kubeadm cluster in good order. */
export function objectsOf({ kubelets, ...parts }: Parts): Put[] {
  return [
    ...kubelets.map(({ name, address }): Put => ['nodes', nodeObject(name, address)]),
    ['csrs', csrObject('csr-w1', 'w-1', 'Approved', { certificate: parts.certificate })],
    ['pods', podObject('kube-apiserver', API_SERVER_FLAGS)],
    ['pods', podObject('kube-controller-manager', CONTROLLER_MANAGER_FLAGS)],
    ['configMaps', configMap('kube-root-ca.crt', { 'ca.crt': parts.caPem })],
    ['configMaps', configMap('kubeadm-config', { ClusterConfiguration: CLUSTER_CONFIGURATION })],
    ['configMaps', configMap('kubelet-config', { kubelet: KUBELET_CONFIGURATION })],
    [
      'leases',
      { metadata: { name: 'kube-controller-manager' }, spec: { renewTime: new Date().toISOString() } },
    ],
    ['deployments', workload('kubelet-csr-gate', 'gate', 'example.com/kubelet-csr-gate:0.1.0')],
    ['roles', role('cluster-admin', [['*'], ['*'], ['*']])],
    ['roles', role('approve', [['certificates.k8s.io'], ['signers'], ['approve']], [SIGNER])],
    ['roles', role('write', [['certificates.k8s.io'], ['certificatesigningrequests/approval'], ['update']])],
    ['bindings', binding('cluster-admin', 'cluster-admin', { kind: 'Group', name: 'system:masters' })],
    ['bindings', binding('gate-approve', 'approve', GATE)],
    ['bindings', binding('gate-write', 'write', GATE)],
    ['webhooks', webhookObject(parts.caBundle)],
    [
      'secrets',
      { metadata: { name: 'kubelet-csr-gate-tls' }, data: { 'tls.crt': parts.webhookCertificate } },
    ],
  ]
}

const GATE = { kind: 'ServiceAccount', name: 'kubelet-csr-gate-controller', namespace: 'gate' }

export const API_SERVER_FLAGS = [
  '--enable-admission-plugins=NodeRestriction',
  '--kubelet-certificate-authority=/etc/kubernetes/pki/ca.crt',
  '--kubelet-preferred-address-types=InternalIP,ExternalIP,Hostname',
]
export const CONTROLLER_MANAGER_FLAGS = [
  '--controllers=*,bootstrapsigner,tokencleaner',
  '--cluster-signing-cert-file=/etc/kubernetes/pki/ca.crt',
]
const CLUSTER_CONFIGURATION = `
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
apiServer:
  extraArgs:
    - name: kubelet-certificate-authority
      value: /etc/kubernetes/pki/ca.crt
`
export const KUBELET_CONFIGURATION = `
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
rotateCertificates: true
serverTLSBootstrap: true
`

export function nodeObject(name: string, address: string, port = 1): Named {
  const labels = name.startsWith('cp-') ? { 'node-role.kubernetes.io/control-plane': '' } : {}
  return {
    metadata: { name, labels, creationTimestamp: ago(3_630) },
    spec: {},
    status: {
      conditions: [{ type: 'Ready', status: 'True' }],
      addresses: [
        { type: 'InternalIP', address },
        { type: 'Hostname', address: name },
      ],
      // A Node chooses what it reports: nobody is dialled there.
      daemonEndpoints: { kubeletEndpoint: { Port: port } },
    },
  }
}

/** RFC 3339 of so many seconds ago. */
export const ago = (seconds: number): string => new Date(Date.now() - seconds * 1_000).toISOString()

interface CsrParts {
  readonly certificate?: string
  readonly seconds?: number
  readonly message?: string
}

export function csrObject(name: string, node: string, condition: string | null, parts: CsrParts = {}): Named {
  const { certificate, seconds = 330, message = 'all checks passed' } = parts
  return {
    metadata: { name, creationTimestamp: ago(seconds) },
    spec: { username: `system:node:${node}`, signerName: SIGNER },
    status: {
      conditions: condition === null ? [] : [{ type: condition, status: 'True', reason: 'Because', message }],
      ...(certificate !== undefined && { certificate }),
    },
  }
}

export function podObject(component: string, flags: readonly string[], node = 'cp-1'): Named {
  const container = { name: component, command: [component, ...flags] }
  return {
    metadata: { name: `${component}-${node}`, labels: { component } },
    spec: { nodeName: node, containers: [container] },
  }
}

export function configMap(name: string, content: JsonObject): Named {
  return { metadata: { name }, data: content }
}

export function workload(
  name: string,
  namespace: string,
  image: string,
  args: readonly string[] = [],
): Named {
  return {
    metadata: { name, namespace },
    spec: { template: { spec: { containers: [{ name, image, args }] } } },
    status: { readyReplicas: 1, numberReady: 1 },
  }
}

/** The policy, as the chart installs it. */
export function policyObject(policy: JsonObject): Named {
  const labels = { [CONFIG_LABEL]: '' }
  return {
    metadata: { name: 'kubelet-csr-gate-config', namespace: 'gate', labels },
    data: { 'config.yaml': JSON.stringify(policy) },
  }
}

type Rule = readonly [apiGroups: readonly string[], resources: readonly string[], verbs: readonly string[]]

function role(
  name: string,
  [apiGroups, resources, verbs]: Rule,
  resourceNames: readonly string[] = [],
): Named {
  return {
    metadata: { name },
    rules: [{ apiGroups, resources, verbs, ...(resourceNames.length > 0 && { resourceNames }) }],
  }
}

export function binding(name: string, to: string, subject: JsonObject): Named {
  return { metadata: { name }, roleRef: { kind: 'ClusterRole', name: to }, subjects: [subject] }
}

function webhookObject(caBundle: string): Named {
  const clientConfig = { service: { namespace: 'gate', name: 'kubelet-csr-gate' }, caBundle }
  return {
    metadata: { name: 'kubelet-csr-gate' },
    webhooks: [{ name: WEBHOOK, failurePolicy: 'Ignore', clientConfig }],
  }
}
