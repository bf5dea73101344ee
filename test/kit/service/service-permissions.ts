import type { Cluster } from '../cluster.ts'
import type { ServiceAccount } from './service-account.ts'

/** The first minor of Kubernetes 1 whose API servers serve ServiceCIDRs. */
const FIRST_WITH_SERVICE_CIDRS = 33

/** Whether the API has the ranges of Services. Without them, only the Services' own addresses are known. */
export function servesServiceCidrs({ minor }: Pick<Cluster, 'minor'>): boolean {
  return Number(minor.split('.')[1]) >= FIRST_WITH_SERVICE_CIDRS
}

/** What the chart grants on that cluster. */
export function servicePermissions(cluster: Pick<Cluster, 'minor'>): ServiceAccount {
  if (servesServiceCidrs(cluster)) return everywhere
  const services = { apiGroups: [''], resources: ['services'], verbs: ['list', 'watch'] }
  return { ...everywhere, clusterRules: [...everywhere.clusterRules, services] }
}

/** The ConfigMaps of the ledger. */
const shards = Array.from(
  { length: 16 },
  (_, number) => `kubelet-csr-gate-ledger-${String(number).padStart(2, '0')}`,
)

const everywhere = {
  namespace: 'kubelet-csr-gate',
  name: 'kubelet-csr-gate',
  clusterRules: [
    {
      apiGroups: ['certificates.k8s.io'],
      resources: ['certificatesigningrequests'],
      verbs: ['list', 'watch'],
    },
    {
      apiGroups: ['certificates.k8s.io'],
      resources: ['certificatesigningrequests'],
      verbs: ['get'],
    },
    {
      apiGroups: ['certificates.k8s.io'],
      resources: ['certificatesigningrequests/approval'],
      verbs: ['patch'],
    },
    {
      apiGroups: ['certificates.k8s.io'],
      resources: ['signers'],
      resourceNames: ['kubernetes.io/kubelet-serving'],
      verbs: ['approve'],
    },
    { apiGroups: [''], resources: ['nodes'], verbs: ['list', 'watch'] },
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
      { apiGroups: [''], resources: ['configmaps'], verbs: ['create'] },
      { apiGroups: [''], resources: ['configmaps'], verbs: ['list', 'watch'] },
      {
        apiGroups: [''],
        resources: ['configmaps'],
        resourceNames: shards,
        verbs: ['get', 'patch'],
      },
    ],
  },
} as const satisfies ServiceAccount
