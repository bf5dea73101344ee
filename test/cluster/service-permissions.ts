import type { ServiceAccount } from './service-account.ts'

/** What the chart grants the gate, the loop and the facts of both. */
export const servicePermissions: ServiceAccount = {
  namespace: 'kubelet-csr-gate',
  name: 'kubelet-csr-gate',
  clusterRules: [
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
    { apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'watch'] },
    { apiGroups: ['networking.k8s.io'], resources: ['servicecidrs'], verbs: ['list', 'watch'] },
  ],
  rules: {
    default: [
      {
        apiGroups: [''],
        resources: ['services'],
        resourceNames: ['kubernetes'],
        verbs: ['list', 'watch'],
      },
      {
        apiGroups: ['discovery.k8s.io'],
        resources: ['endpointslices'],
        resourceNames: ['kubernetes'],
        verbs: ['list', 'watch'],
      },
      { apiGroups: ['events.k8s.io'], resources: ['events'], verbs: ['create'] },
    ],
    'kube-public': [
      {
        apiGroups: [''],
        resources: ['configmaps'],
        resourceNames: ['cluster-info'],
        verbs: ['list', 'watch'],
      },
    ],
    'kubelet-csr-gate': [
      { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['create'] },
      {
        apiGroups: ['coordination.k8s.io'],
        resources: ['leases'],
        resourceNames: ['kubelet-csr-gate'],
        verbs: ['get', 'update'],
      },
    ],
  },
}
