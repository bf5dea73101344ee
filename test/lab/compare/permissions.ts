/** What the manifests of other approvers grant them. */
import type { Rules, ServiceAccount } from '../../kit/service/service-account.ts'

const approveServing: Rules = [
  {
    apiGroups: ['certificates.k8s.io'],
    resources: ['certificatesigningrequests'],
    verbs: ['get', 'list', 'watch'],
  },
  {
    apiGroups: ['certificates.k8s.io'],
    resources: ['certificatesigningrequests/approval'],
    verbs: ['update'],
  },
  {
    apiGroups: ['certificates.k8s.io'],
    resources: ['signers'],
    resourceNames: ['kubernetes.io/kubelet-serving'],
    verbs: ['approve'],
  },
]

/** charts/kubelet-csr-approver/templates/clusterrole.yaml, without what only a second replica needs. */
export const postfinancePermissions: ServiceAccount = {
  namespace: 'kube-system',
  name: 'kubelet-csr-approver',
  clusterRules: approveServing,
}

/** deploy/base and deploy/standalone. */
export const servingApproverPermissions: ServiceAccount = {
  namespace: 'kubelet-serving-cert-approver',
  name: 'kubelet-serving-cert-approver',
  clusterRules: [
    ...approveServing,
    { apiGroups: ['authorization.k8s.io'], resources: ['subjectaccessreviews'], verbs: ['create'] },
  ],
  rules: { default: [{ apiGroups: [''], resources: ['events'], verbs: ['create', 'patch'] }] },
}
