import type { X509Certificate } from 'node:crypto'
import type { Rules } from '../../policies/rules.ts'
import type { Known } from '../../policies/types.ts'
import type { Dial, Dialled } from './dial.ts'

/** What is known of the nodes of a cluster. What could not be read says why. Times are milliseconds since the epoch. */
export interface FleetFacts {
  /** By the API server's clock. */
  readonly now: number
  /** How far the clock of this machine is ahead of it, in milliseconds; 0 within the resolution of a second. */
  readonly clockAheadMs: number
  /** CAs that clients accept an API server by. */
  readonly clientCas: Known<readonly TrustedCa[]>
  readonly nodes: Known<readonly NodeFacts[]>
  /** Every stored kubelet-serving CSR of a node. The cluster keeps one for an hour. */
  readonly csrs: Known<readonly CsrFacts[]>
  /** By the name of the Node. Unknown without Nodes. */
  readonly kubelets: Known<readonly Kubelet[]>
  readonly apiServers: Known<readonly ControlPlanePod[]>
  readonly controllerManagers: Known<readonly ControlPlanePod[]>
}

/** All that the checks know of a cluster. */
export interface Facts extends FleetFacts {
  /** The leader of kube-controller-manager; null without a Lease. */
  readonly leader: Known<Leader | null>
  readonly kubeadm: Known<KubeadmFlags | null>
  readonly kubeletConfig: Known<KubeletDefaults | null>
  readonly approvers: Known<readonly Approver[]>
  readonly workloads: Known<readonly Workload[]>
  readonly webhook: Known<GateWebhook | null>
  /** The installed policy, or the default one. */
  readonly policy: Known<Rules>
  /** What the API server answered to a dry run in which a node writes another Node. */
  readonly nodeRestriction: Known<'enforced' | 'notEnforced'>
  readonly ownLogs: Known<OwnLogs>
}

/** Who holds a Lease. */
export interface Leader {
  readonly holder: string
  /** By the API server's clock. */
  readonly renewedAt: number
  /** How far its clock is ahead of the API server's, in milliseconds. */
  readonly clockAheadMs: number
}

/** What the API server says when it is asked for the logs of its own Pod. */
export interface OwnLogs {
  /** Whose kubelet it asked. */
  readonly node: string
  /** Why it did not get them; empty if it did. */
  readonly problem: string
}

/** A CA certificate, and who has it. */
export interface TrustedCa {
  readonly certificate: X509Certificate
  readonly holder: string
}

export interface NodeFacts {
  readonly name: string
  readonly createdAt: number
  readonly ready: boolean
  readonly addresses: readonly NodeAddress[]
  /** Where its kubelet is dialled; null if it reports no address. */
  readonly dial: Dial | null
  /** Where its kubelet listens, as it says; 0 if it does not say. Nobody is dialled there. */
  readonly reportedPort: number
  /** Whether it still waits for its cloud provider. */
  readonly uninitialized: boolean
  readonly controlPlane: boolean
}

export interface NodeAddress {
  /** Such as `InternalIP`. */
  readonly type: string
  readonly address: string
}

/** A CSR of a node for its serving certificate. */
export interface CsrFacts {
  readonly name: string
  readonly node: string
  readonly createdAt: number
  readonly state: 'pending' | 'approved' | 'issued' | 'denied' | 'failed'
  /** Of the condition that decided it; empty while it waits. */
  readonly reason: string
  readonly message: string
  /** What was issued; null if nothing was, or nothing that can be read. */
  readonly certificate: X509Certificate | null
}

/** A Node, its newest CSR, and what its kubelet showed. */
export interface Kubelet {
  readonly node: NodeFacts
  readonly csr: CsrFacts | null
  /** CSRs of the node that were denied. */
  readonly denied: number
  /** Null if it was not dialled. */
  readonly dialled: Dialled | null
  readonly certificate: X509Certificate | null
  /** Who signed the certificate; null without one. */
  readonly signedBy: 'cluster' | 'itself' | 'another' | null
  readonly serving: Serving
}

/** What a kubelet serves with. `yes`: its own certificate, of the cluster. `unknown`: it was not dialled. */
export type Serving =
  | 'yes'
  | 'noCertificate'
  | 'selfMade'
  | 'otherCa'
  | 'otherNode'
  | 'expired'
  | 'notVisible'
  | 'unknown'

/** A static Pod of the control plane, on a Node with the label of control planes. */
export interface ControlPlanePod {
  readonly name: string
  readonly node: string
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
  /** Its name; empty for a URL. */
  readonly service: string
  /** The name of the Secret with the certificate that it serves. */
  readonly secret: string
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
