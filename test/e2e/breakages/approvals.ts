/** Who may approve, who approves, and the webhook. */
import { setTimeout as sleep } from 'node:timers/promises'
import { encoded } from '../../../server/json.ts'
import { createAuthority } from '../../kit/pki.ts'
import type { Cluster } from '../../kubeadm/cluster.ts'
import { apply, kubectl } from '../../kubeadm/kubectl.ts'
import { startKubelet, stopKubelet } from '../../kubeadm/node.ts'
import { forgetCertificate, untilAsked } from '../steps/asked.ts'
import { NAMESPACE, RELEASE, release } from '../steps/product.ts'
import { patchWebhook } from '../steps/webhook.ts'
import type { Breakage } from './breakage.ts'
import { otherApprover } from './other-approvers.ts'

/** doctor calls a CSR late after a minute. */
const LATE_MS = 63_000
const BINDING = 'broken-on-purpose'
const CONTROLLER = `${RELEASE}-controller`
const WEBHOOK = `ValidatingWebhookConfiguration ${RELEASE}`
const RBAC = 'rbac.authorization.k8s.io'

interface Subject {
  readonly kind: 'Group' | 'User'
  readonly name: string
}

const APPROVE_ONLY = [
  {
    apiGroups: ['certificates.k8s.io'],
    resources: ['signers'],
    resourceNames: ['kubernetes.io/kubelet-serving'],
    verbs: ['approve'],
  },
]
const ALL_OF_IT = [
  ...APPROVE_ONLY,
  {
    apiGroups: ['certificates.k8s.io'],
    resources: ['certificatesigningrequests/approval'],
    verbs: ['update'],
  },
]

function granted(
  { kind, name }: Subject,
  rules: readonly object[],
): Pick<Breakage, 'by' | 'mend' | 'subject'> {
  return {
    by: async (cluster) => {
      const metadata = { name: BINDING }
      const roleRef = { apiGroup: RBAC, kind: 'ClusterRole', name: BINDING }
      await apply(cluster, { apiVersion: `${RBAC}/v1`, kind: 'ClusterRole', metadata, rules })
      const subjects = [{ apiGroup: RBAC, kind, name }]
      await apply(cluster, {
        apiVersion: `${RBAC}/v1`,
        kind: 'ClusterRoleBinding',
        metadata,
        roleRef,
        subjects,
      })
    },
    mend: async (cluster) => {
      await kubectl(cluster, ['delete', 'clusterrole,clusterrolebinding', BINDING])
    },
    subject: `${kind} ${name}`,
  }
}

/** Waits until the pods are there, or gone. */
async function scale(cluster: Cluster, deployment: string, replicas: number): Promise<void> {
  const namespace = `--namespace=${NAMESPACE}`
  await kubectl(cluster, ['scale', `deployment/${deployment}`, namespace, `--replicas=${replicas}`])
  const component = deployment === CONTROLLER ? 'controller' : 'webhook'
  const pods = `--selector=app.kubernetes.io/component=${component}`
  const until =
    replicas === 0
      ? ['wait', '--for=delete', 'pod', pods] // one that ends still mends what it keeps
      : ['rollout', 'status', `deployment/${deployment}`]
  await kubectl(cluster, [...until, namespace, '--timeout=60s'], { timeoutMs: 70_000 })
}

export const brokenApprovals: readonly Breakage[] = [
  {
    title: 'all nodes may approve',
    ...granted({ kind: 'Group', name: 'system:nodes' }, ALL_OF_IT),
    first: 'WideGroupMayApprove',
  },
  {
    title: 'one node may approve',
    ...granted({ kind: 'User', name: 'system:node:worker-1' }, ALL_OF_IT),
    first: 'NodeMayApprove',
  },
  {
    title: 'all service accounts may approve but for one right',
    ...granted({ kind: 'Group', name: 'system:serviceaccounts' }, APPROVE_ONLY),
    first: 'HalfGranted',
  },
  {
    title: 'the approver of postfinance is installed beside',
    typed: true,
    ...otherApprover('kubelet-csr-approver', 'ghcr.io/postfinance/kubelet-csr-approver:v1.2.10'),
    first: 'OtherApproverBeside',
  },
  {
    title: 'the approver of alex1989hu is installed beside',
    ...otherApprover(
      'kubelet-serving-cert-approver',
      'ghcr.io/alex1989hu/kubelet-serving-cert-approver:main',
    ),
    first: 'ApproverChecksNoNames',
  },
  {
    title: 'the controller has no pod',
    typed: true,
    by: (cluster) => scale(cluster, CONTROLLER, 0),
    mend: (cluster) => scale(cluster, CONTROLLER, 1),
    first: 'ApproverNotReady',
    subject: `Deployment ${NAMESPACE}/${CONTROLLER}`,
  },
  {
    title: 'the controller has no pod, and a kubelet has waited for longer than a minute',
    by: async (cluster) => {
      await scale(cluster, CONTROLLER, 0)
      const host = cluster.host('worker-1')
      await stopKubelet(host)
      await forgetCertificate(host)
      await startKubelet(host, cluster.binaries)
      await untilAsked(cluster, 'worker-1', 30)
      await sleep(LATE_MS)
    },
    mend: (cluster) => scale(cluster, CONTROLLER, 1),
    first: 'ApproverNotReady',
    subject: `Deployment ${NAMESPACE}/${CONTROLLER}`,
  },
  {
    title: 'the configuration of the webhook was deleted',
    by: async (cluster) =>
      void (await kubectl(cluster, ['delete', 'validatingwebhookconfiguration', RELEASE])),
    mend: async (cluster) => void (await release(cluster, [])),
    first: 'WebhookUnregistered',
    subject: `Deployment ${NAMESPACE}/${RELEASE}`,
    // until the controller has written the caBundle of the new one
    leaves: 'FailedOpen',
  },
  {
    title: 'the caBundle was overwritten, and no controller is there to mend it',
    typed: true,
    by: async (cluster) => {
      await scale(cluster, CONTROLLER, 0)
      await patchWebhook(
        cluster,
        'clientConfig/caBundle',
        encoded((await createAuthority('another')).certPem),
      )
    },
    mend: (cluster) => scale(cluster, CONTROLLER, 1),
    first: 'BundleMismatch',
    subject: WEBHOOK,
    leaves: 'FailedOpen',
  },
  {
    title: 'the webhook has no pod, with failurePolicy Fail',
    typed: true,
    by: async (cluster) => {
      await patchWebhook(cluster, 'failurePolicy', 'Fail')
      await scale(cluster, RELEASE, 0)
    },
    mend: async (cluster) => {
      await patchWebhook(cluster, 'failurePolicy', 'Ignore')
      await scale(cluster, RELEASE, 2)
    },
    first: 'WebhookFails',
    subject: WEBHOOK,
    leaves: 'FailedOpen',
  },
  {
    title: 'the webhook has no pod, with failurePolicy Ignore',
    by: (cluster) => scale(cluster, RELEASE, 0),
    mend: (cluster) => scale(cluster, RELEASE, 2),
    first: 'WebhookPassedOver',
    subject: WEBHOOK,
    leaves: 'FailedOpen',
  },
]
