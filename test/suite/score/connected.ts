/** A cluster of somebody else's, as the suite needs it. Its kubeconfig must be an administrator's, who may impersonate. */
import type { RequestOptions } from 'node:https'
import { join } from 'node:path'
import { KubeConfig } from '@kubernetes/client-node'
import { objectAt, textAt } from '../../../server/json.ts'
import { grantCsrCreation } from '../../control-plane/control-plane.ts'
import { type Client, createClient, type Credentials } from '../../kit/client.ts'
import type { Person } from '../../kit/cluster.ts'
import { temporaryDirectory } from '../../kit/directory.ts'
import { writeKubeconfig } from '../../kit/kubeconfig.ts'
import { createAuthority } from '../../kit/pki.ts'
import { createServiceAccount } from '../../kit/service/service-account.ts'
import type { SuiteCluster } from '../cluster.ts'
import { clusterFile } from '../suite.ts'

export async function connectTo(kubeconfig: string): Promise<SuiteCluster & AsyncDisposable> {
  await using stack = new AsyncDisposableStack()
  const { url, credentials } = await readKubeconfig(kubeconfig)
  const { path: directory } = stack.use(await temporaryDirectory('score'))
  const admin = stack.use(createClient(url, credentials))
  const { status, body } = await admin.request('GET', '/version')
  if (status !== 200) throw new Error(`${url} answers ${status}: ${textAt(body, 'message')}`)
  await refuseUnfit(admin)
  const authority = await createAuthority('suite')
  const impersonate = ({ user, groups = [] }: Person) =>
    createClient(url, { ...credentials, impersonate: { user, groups } })
  const owned = stack.move()
  return {
    url,
    minor: `${textAt(body, 'major')}.${textAt(body, 'minor').replace(/\D+$/u, '')}`,
    caPem: authority.certPem,
    directory,
    admin,
    adminRequest: async (method, path, content) => await admin.request(method, path, content),
    // Of a server of the approver's own: the cluster's CA is not at hand.
    issue: async (holder) => await authority.issue(holder),
    clientFor: async (person) =>
      owned.use(impersonate({ ...person, groups: [...(person.groups ?? []), 'system:authenticated'] })),
    impersonate,
    grantCsrCreation: async (users) => await grantCsrCreation(admin, users),
    createServiceAccountKubeconfig: async (account) => {
      const token = await createServiceAccount(admin, account)
      return await writeKubeconfig(join(directory, `${account.name}.kubeconfig`), url, {
        caPem: credentials.caPem,
        token,
      })
    },
    [Symbol.asyncDispose]: async () => await owned.disposeAsync(),
  }
}

/** What would count as the approver's fault, and is the cluster's. */
async function refuseUnfit(admin: Client): Promise<void> {
  const service = await admin.request('GET', '/api/v1/namespaces/default/services/kubernetes')
  const [address = ''] = clusterFile.apiServer.addresses
  const own = textAt(objectAt(service.body, 'spec'), 'clusterIP')
  if (own !== address)
    throw new Error(
      `Services must be in ${clusterFile.serviceCidrs[0]}, as kubeadm and kind have them: the API server’s is ${own}`,
    )
  const name = clusterFile.nodes[0]?.name ?? ''
  const { status } = await admin.request('GET', `/api/v1/nodes/${name}`)
  if (status === 200) throw new Error(`the suite was asked here before (Node ${name}): take a new cluster`)
}

/** Whatever way its user proves who it is: a certificate, a token or a command. */
async function readKubeconfig(path: string): Promise<{ url: string; credentials: Credentials }> {
  const config = new KubeConfig()
  config.loadFromFile(path)
  const url = config.getCurrentCluster()?.server
  if (url === undefined) throw new Error(`${path}: no current context`)
  const options: RequestOptions = {}
  await config.applyToHTTPSOptions(options)
  const { ca, cert, key, headers } = options
  const authorization =
    headers !== undefined && 'Authorization' in headers ? headers['Authorization'] : undefined
  return {
    url,
    credentials: {
      caPem: String(ca),
      ...(cert !== undefined && { certPem: String(cert) }),
      ...((typeof key === 'string' || key instanceof Buffer) && { keyPem: key.toString() }),
      ...(typeof authorization === 'string' && { token: authorization.replace(/^Bearer /u, '') }),
    },
  }
}
