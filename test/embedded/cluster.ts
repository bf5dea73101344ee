/** A cluster in this process: the embedded API server with what every cluster has, and the signer of kubelets. */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { Json } from '../../server/ports.ts'
import { createAgent, createClient } from '../kit/client.ts'
import type { Cluster, Person } from '../kit/cluster.ts'
import { temporaryDirectory } from '../kit/directory.ts'
import { writeKubeconfig } from '../kit/kubeconfig.ts'
import { createAuthority } from '../kit/pki.ts'
import {
  ADVERTISED_ADDRESS,
  API_SERVER_ADDRESSES,
  API_SERVER_NAMES,
  SERVICE_CIDR,
  SERVICE_CIDR_V6,
} from '../kit/places.ts'
import { type ApiOptions, EmbeddedApi } from './api.ts'
import type { Named } from './collection.ts'
import {
  CONFIG_MAP,
  CSR,
  ENDPOINT_SLICE,
  NAMESPACE,
  type Resource,
  SERVICE,
  SERVICE_CIDR as RANGES,
} from './resources.ts'
import { signApproved } from './signer.ts'
import { serviceAccountUser } from './users.ts'

/** The admin's, and so of everyone impersonated. */
const ADMIN_SOCKETS = 64

export interface EmbeddedCluster extends Cluster {
  readonly api: EmbeddedApi
}

export async function startEmbeddedCluster(
  options: Pick<ApiOptions, 'intercept'> = {},
): Promise<EmbeddedCluster> {
  await using stack = new AsyncDisposableStack()
  const { path: directory } = stack.use(await temporaryDirectory('embedded'))
  const authority = await createAuthority('kubernetes')
  const caPem = authority.certPem
  const server = { commonName: 'kube-apiserver', names: API_SERVER_NAMES, addresses: API_SERVER_ADDRESSES }
  const api = stack.use(new EmbeddedApi({ authority, serving: await authority.issue(server), ...options }))
  for (const [resource, object] of everyClusterHas(caPem)) api.collection(resource).put(object)
  signApproved(api.collection(CSR), authority)
  await api.listen()
  const { url } = api
  const pairFor = ({ user, groups = [] }: Person) =>
    authority.issue({ commonName: user, organizations: groups })
  const credentials = { caPem, ...(await pairFor({ user: 'kubernetes-admin', groups: ['system:masters'] })) }
  const adminKubeconfig = await writeKubeconfig(join(directory, 'admin.kubeconfig'), url, credentials)
  const agent = stack.adopt(createAgent(credentials, ADMIN_SOCKETS), (shared) => shared.destroy())
  const admin = createClient(url, credentials, agent)
  const owned = stack.move()
  let kubeconfigs = 0
  const kubeconfigPath = () => join(directory, `user-${++kubeconfigs}.kubeconfig`)
  const stop = () => owned.disposeAsync()
  return {
    api,
    url,
    minor: '1.36',
    caPem,
    directory,
    adminKubeconfig,
    admin,
    adminRequest: (method: string, path: string, body?: Json) => admin.request(method, path, body),
    issue: (holder) => authority.issue(holder),
    clientFor: async (person) => owned.use(createClient(url, { caPem, ...(await pairFor(person)) })),
    impersonate: ({ user, groups = [] }) =>
      createClient(url, { ...credentials, impersonate: { user, groups } }, agent),
    kubeconfigFor: async (person) =>
      await writeKubeconfig(kubeconfigPath(), url, { caPem, ...(await pairFor(person)) }),
    createServiceAccountKubeconfig: async ({ namespace, name }, at = url) => {
      api.collection(NAMESPACE).put({ metadata: { name: namespace } })
      const token = giveToken(api, namespace, name)
      return await writeKubeconfig(kubeconfigPath(), at, { caPem, token })
    },
    // Nothing is authorized here.
    grantCsrCreation: async () => undefined,
    forgetVersions: async () => api.compact(),
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

/** A new token of a service account. */
function giveToken(api: EmbeddedApi, namespace: string, name: string): string {
  const token = randomUUID()
  api.tokens.set(token, serviceAccountUser(namespace, name, randomUUID()))
  return token
}

/** What a control plane makes by itself. */
function everyClusterHas(caPem: string): readonly (readonly [Resource, Named])[] {
  const namespaces = ['default', 'kube-node-lease', 'kube-public', 'kube-system']
  const ready = { type: 'Ready', status: 'True' }
  return [
    ...namespaces.map((name) => [NAMESPACE, { metadata: { name }, status: { phase: 'Active' } }] as const),
    [
      RANGES,
      {
        metadata: { name: 'kubernetes' },
        spec: { cidrs: [SERVICE_CIDR, SERVICE_CIDR_V6] },
        status: { conditions: [ready] },
      },
    ],
    [
      SERVICE,
      {
        metadata: { name: 'kubernetes', namespace: 'default' },
        spec: {
          clusterIP: '10.96.0.1',
          clusterIPs: ['10.96.0.1'],
          type: 'ClusterIP',
          ports: [{ port: 443 }],
        },
      },
    ],
    [
      ENDPOINT_SLICE,
      {
        metadata: {
          name: 'kubernetes',
          namespace: 'default',
          labels: { 'kubernetes.io/service-name': 'kubernetes' },
        },
        addressType: 'IPv4',
        endpoints: [{ addresses: [ADVERTISED_ADDRESS], conditions: { ready: true } }],
        ports: [{ name: 'https', port: 6443, protocol: 'TCP' }],
      },
    ],
    [
      CONFIG_MAP,
      { metadata: { name: 'kube-root-ca.crt', namespace: 'kube-system' }, data: { 'ca.crt': caPem } },
    ],
  ]
}
