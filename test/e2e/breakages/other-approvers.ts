/** Approvers of other projects, as their charts and manifests install them. Their images are not there: no pod runs. */
import type { Cluster } from '../../kubeadm/cluster.ts'
import { apply, kubectl } from '../../kubeadm/kubectl.ts'
import type { Breakage } from './breakage.ts'

const NAMESPACE = 'other-approver'
const RBAC = 'rbac.authorization.k8s.io'
const CERTIFICATES = 'certificates.k8s.io'

/** What both may: read CSRs, and approve for the signer. */
const RULES = [
  { apiGroups: [CERTIFICATES], resources: ['certificatesigningrequests'], verbs: ['get', 'list', 'watch'] },
  { apiGroups: [CERTIFICATES], resources: ['certificatesigningrequests/approval'], verbs: ['update'] },
  {
    apiGroups: [CERTIFICATES],
    resources: ['signers'],
    resourceNames: ['kubernetes.io/kubelet-serving'],
    verbs: ['approve'],
  },
]

function objectsOf(name: string, image: string): readonly object[] {
  const metadata = { name, namespace: NAMESPACE }
  const labels = { 'app.kubernetes.io/name': name }
  const container = { name, image, imagePullPolicy: 'Never', args: ['-metrics-bind-address', ':8080'] }
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    { apiVersion: `${RBAC}/v1`, kind: 'ClusterRole', metadata: { name }, rules: RULES },
    {
      apiVersion: `${RBAC}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name },
      roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name },
      subjects: [{ kind: 'ServiceAccount', name, namespace: NAMESPACE }],
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { serviceAccountName: name, containers: [container] } },
      },
    },
  ]
}

export function otherApprover(name: string, image: string): Pick<Breakage, 'by' | 'mend' | 'subject'> {
  return {
    by: async (cluster: Cluster) => {
      for (const object of objectsOf(name, image)) await apply(cluster, object)
    },
    mend: async (cluster) => {
      await kubectl(cluster, ['delete', 'clusterrole,clusterrolebinding', name])
      await kubectl(cluster, ['delete', 'namespace', NAMESPACE])
    },
    subject: `Deployment ${NAMESPACE}/${name}`,
  }
}
