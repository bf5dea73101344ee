import type { X509Certificate } from 'node:crypto'
import type { Known } from '../../policies/types.ts'
import type { Dialled } from '../fleet/dial.ts'
import type { FleetCsr, FleetNode } from '../fleet/read-fleet.ts'

/** All that the checks know of a cluster. What could not be read says why. */
export interface Facts {
  /** Milliseconds since the epoch by the API server's clock. */
  readonly now: number
  /** How far the clock of this machine is ahead of it, in milliseconds; 0 within the resolution of a second. */
  readonly clockAheadMs: number
  /** CAs that clients accept an API server by. */
  readonly clientCas: Known<readonly TrustedCa[]>
  readonly nodes: Known<readonly DoctorNode[]>
  readonly csrs: Known<readonly FleetCsr[]>
  /** Each Node with its newest CSR and what its kubelet showed. Unknown without Nodes. */
  readonly kubelets: Known<readonly Kubelet[]>
  readonly apiServers: Known<readonly ControlPlanePod[]>
  readonly controllerManagers: Known<readonly ControlPlanePod[]>
  /** When the leader of kube-controller-manager renewed its Lease. Milliseconds since the epoch; null without a Lease. */
  readonly leaderRenewedAt: Known<number | null>
  readonly kubeadm: Known<KubeadmFlags | null>
  readonly kubeletConfig: Known<KubeletDefaults | null>
  readonly approvers: Known<readonly Approver[]>
  readonly workloads: Known<readonly Workload[]>
  readonly webhook: Known<GateWebhook | null>
  /** What the API server answered to a dry run in which a node writes another Node. */
  readonly nodeRestriction: Known<'enforced' | 'notEnforced'>
}

/** A CA certificate, and who has it. */
export interface TrustedCa {
  readonly certificate: X509Certificate
  readonly holder: string
}

export interface DoctorNode extends FleetNode {
  readonly addresses: readonly NodeAddress[]
  /** Whether it still waits for its cloud provider. */
  readonly uninitialized: boolean
  readonly controlPlane: boolean
}

interface NodeAddress {
  readonly type: string
  readonly address: string
}

/** A Node, its newest CSR, and what its kubelet showed. */
export interface Kubelet {
  readonly node: DoctorNode
  readonly csr: FleetCsr | null
  /** CSRs of the node that were denied. The cluster keeps them for an hour. */
  readonly denied: number
  /** Null if its Node reports no address. */
  readonly dialled: Dialled | null
  readonly certificate: X509Certificate | null
  /** Who signed the certificate; null without one. */
  readonly signedBy: 'cluster' | 'itself' | 'another' | null
}

/** A static Pod of the control plane, on a Node with the label of control planes. */
export interface ControlPlanePod {
  readonly name: string
  readonly flags: ReadonlyMap<string, string>
}

/** Of the ConfigMap kubeadm-config: what a flag will be after an upgrade. */
export interface KubeadmFlags {
  readonly apiServer: ReadonlyMap<string, string>
}

/** Of the ConfigMap kubelet-config: with what new nodes join. */
export interface KubeletDefaults {
  readonly serverTLSBootstrap: boolean
  readonly rotateCertificates: boolean
  /** Whether the feature gate RotateKubeletServerCertificate is off. */
  readonly rotationGateOff: boolean
}

/** A subject that has the verb `approve` for the signer kubernetes.io/kubelet-serving. */
export interface Approver {
  readonly kind: string
  /** `namespace/name` of a ServiceAccount. */
  readonly name: string
  readonly binding: string
  /** Whether it may also write `certificatesigningrequests/approval`, without which it can approve nothing. */
  readonly mayWrite: boolean
}

/** A Deployment or DaemonSet that matters here. */
export interface Workload {
  readonly kind: 'Deployment' | 'DaemonSet'
  readonly namespace: string
  readonly name: string
  readonly images: readonly string[]
  readonly args: readonly string[]
  readonly ready: number
}

/** The name of the webhook in the configuration, which the chart does not let anybody change. */
export const WEBHOOK = 'webhook.kubelet-csr-gate.io'

/** The ValidatingWebhookConfiguration of kubelet-csr-gate. */
export interface GateWebhook {
  readonly configuration: string
  readonly failurePolicy: string
  /** Of the Service behind it; empty for a URL. */
  readonly namespace: string
  /** The answer to a dry run that it refuses when it is called. */
  readonly dryRun: DryRun
  /** Whether the caBundle verifies the certificate in the Secret of the chart. */
  readonly bundleVerifies: Known<boolean>
  /** CSRs that one API server admitted since its start because the webhook did not answer. */
  readonly failedOpen: Known<number>
}

export interface DryRun {
  readonly outcome: 'refusedByWebhook' | 'callFailed' | 'admitted' | 'notAllowed'
  readonly message: string
}
