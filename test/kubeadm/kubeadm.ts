/** What kubeadm is told. Each is a stream of documents; JSON is YAML enough for it. */
import { randomBytes, X509Certificate, createHash } from 'node:crypto'

export interface ClusterPlan {
  readonly version: string
  readonly address: string
  readonly token: string
}

export interface Membership {
  readonly name: string
  readonly address: string
  readonly cgroup: string
  /** Flags of its kubelet, without dashes; default `node-ip`. */
  readonly kubeletFlags?: Readonly<Record<string, string>>
}

export const API_PORT = 6443
/** kubeadm's default range is 10.96.0.0/12; the first address is the API server's own Service. */
const SERVICE_RANGE = '10.96.0.0/16'
export const API_SERVICE_ADDRESS = '10.96.0.1'

/** A bootstrap token: 6 and 16 characters of [a-z0-9]. */
export function newToken(): string {
  return `${randomBytes(3).toString('hex')}.${randomBytes(8).toString('hex')}`
}

export function initConfiguration(plan: ClusterPlan, node: Membership): string {
  return documents(
    {
      apiVersion: KUBEADM,
      kind: 'InitConfiguration',
      localAPIEndpoint: { advertiseAddress: plan.address, bindPort: API_PORT },
      bootstrapTokens: [{ token: plan.token }],
      nodeRegistration: registration(node),
    },
    {
      apiVersion: KUBEADM,
      kind: 'ClusterConfiguration',
      kubernetesVersion: plan.version,
      networking: { serviceSubnet: SERVICE_RANGE },
      // The API server verifies the kubelets it calls, and they ask the cluster for certificates.
      apiServer: {
        extraArgs: [{ name: 'kubelet-certificate-authority', value: '/etc/kubernetes/pki/ca.crt' }],
      },
    },
    kubeletConfiguration,
  )
}

export function joinConfiguration(plan: ClusterPlan, node: Membership, caPem: string): string {
  return documents({
    apiVersion: KUBEADM,
    kind: 'JoinConfiguration',
    discovery: {
      bootstrapToken: {
        apiServerEndpoint: `${plan.address}:${API_PORT}`,
        token: plan.token,
        caCertHashes: [publicKeyHash(caPem)],
      },
    },
    nodeRegistration: registration(node),
  })
}

const KUBEADM = 'kubeadm.k8s.io/v1beta4'

const kubeletConfiguration = {
  apiVersion: 'kubelet.config.k8s.io/v1beta1',
  kind: 'KubeletConfiguration',
  serverTLSBootstrap: true,
  cgroupDriver: 'cgroupfs',
  failCgroupV1: false,
  failSwapOn: false,
  // The disk is the machine's, whose fullness is none of this cluster's business.
  evictionHard: { 'memory.available': '0%', 'nodefs.available': '0%', 'imagefs.available': '0%' },
  imageGCHighThresholdPercent: 100,
}

function registration({ name, address, cgroup, kubeletFlags }: Membership): object {
  const flags = { ...(kubeletFlags ?? { 'node-ip': address }), 'cgroup-root': `/${cgroup}` }
  return {
    name,
    criSocket: 'unix:///run/containerd/containerd.sock',
    imagePullPolicy: 'Never',
    ignorePreflightErrors: ['all'],
    kubeletExtraArgs: Object.entries(flags).map(([flag, value]) => ({ name: flag, value })),
  }
}

/** As `kubeadm join --discovery-token-ca-cert-hash` wants it: of the SubjectPublicKeyInfo. */
function publicKeyHash(caPem: string): string {
  const key = new X509Certificate(caPem).publicKey.export({ type: 'spki', format: 'der' })
  return `sha256:${createHash('sha256').update(key).digest('hex')}`
}

function documents(...each: readonly object[]): string {
  return each.map((document) => `${JSON.stringify(document, null, 2)}\n`).join('---\n')
}
