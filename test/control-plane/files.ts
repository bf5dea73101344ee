/** What the processes of a control plane read from files. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeKubeconfig } from '../kit/kubeconfig.ts'
import { serviceAccountKeys } from '../kit/pki.ts'
import type { Authority, Pair } from '../kit/pki.ts'
import { API_SERVER_ADDRESSES, API_SERVER_NAMES } from '../kit/places.ts'
import type { Layout } from './processes.ts'

const AUDIT_POLICY = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: Metadata
  userGroups: ["system:serviceaccounts"]
- level: Metadata
  resources:
  - {group: certificates.k8s.io}
  - {group: coordination.k8s.io}
  - {group: events.k8s.io}
  - {group: "", resources: [nodes, nodes/status]}
- level: None
`

/** The example of the Kubernetes documentation, "Limit Priority Class consumption by default"; GKE has the same two classes. */
const LIMITED_PRIORITIES = `apiVersion: apiserver.config.k8s.io/v1
kind: AdmissionConfiguration
plugins:
- name: ResourceQuota
  configuration:
    apiVersion: apiserver.config.k8s.io/v1
    kind: ResourceQuotaConfiguration
    limitedResources:
    - resource: pods
      matchScopes:
      - scopeName: PriorityClass
        operator: In
        values: [system-node-critical, system-cluster-critical]
`

/** Writes what the processes read; returns the admin's certificate. */
export async function writeFiles(
  { directory }: Layout,
  url: string,
  { authority, kubeletAuthority }: { readonly authority: Authority; readonly kubeletAuthority: Authority },
): Promise<Pair> {
  const server = { commonName: 'kube-apiserver', names: API_SERVER_NAMES, addresses: API_SERVER_ADDRESSES }
  const [apiServer, admin, controllerManager] = await Promise.all([
    authority.issue(server),
    authority.issue({ commonName: 'kubernetes-admin', organizations: ['system:masters'] }),
    authority.issue({ commonName: 'system:kube-controller-manager' }),
  ])
  const accounts = serviceAccountKeys()
  const write = (name: string, text: string) => writeFile(join(directory, name), text, { mode: 0o600 })
  const kubeconfig = (name: string, pair: Pair) =>
    writeKubeconfig(join(directory, `${name}.kubeconfig`), url, { caPem: authority.certPem, ...pair })
  await Promise.all([
    write('ca.crt', authority.certPem),
    write('ca.key', authority.keyPem),
    write('kubelet-ca.crt', kubeletAuthority.certPem),
    write('kubelet-ca.key', kubeletAuthority.keyPem),
    write('apiserver.crt', apiServer.certPem),
    write('apiserver.key', apiServer.keyPem),
    write('sa.pub', accounts.publicPem),
    write('sa.key', accounts.privatePem),
    write('audit-policy.yaml', AUDIT_POLICY),
    write('limited-priorities.yaml', LIMITED_PRIORITIES),
    kubeconfig('admin', admin),
    kubeconfig('controller-manager', controllerManager),
  ])
  return admin
}
