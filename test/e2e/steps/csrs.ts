/** What became of CSRs. */
import { X509Certificate } from 'node:crypto'
import type { Cluster } from '../../kubeadm/cluster.ts'
import { kubectl } from '../../kubeadm/kubectl.ts'

export interface StoredCsr {
  readonly metadata: { readonly name: string; readonly creationTimestamp: string }
  readonly spec: { readonly username: string; readonly signerName: string }
  readonly status: {
    readonly conditions?: readonly { readonly type: string; readonly message?: string }[]
    readonly certificate?: string
  }
}

const SIGNER = 'kubernetes.io/kubelet-serving'

/** The kubelet-serving CSRs of a node, the newest first. */
export async function csrsOf(cluster: Cluster, node: string): Promise<readonly StoredCsr[]> {
  const { items }: { items: readonly StoredCsr[] } = JSON.parse(
    await kubectl(cluster, ['get', 'csr', '-o=json']),
  )
  return items
    .filter(({ spec }) => spec.username === `system:node:${node}` && spec.signerName === SIGNER)
    .toSorted((one, other) => createdAt(other) - createdAt(one))
}

/** When a CSR was created, in milliseconds since the epoch, to the second below. */
export const createdAt = ({ metadata }: StoredCsr): number => Date.parse(metadata.creationTimestamp)

/** The issued certificate as PEM; undefined until it is issued. @param csr as `kubectl -o name` prints it */
export async function certificateOf(cluster: Cluster, csr: string): Promise<string | undefined> {
  const encoded = await kubectl(cluster, ['get', csr, '-o=jsonpath={.status.certificate}'])
  return encoded === '' ? undefined : Buffer.from(encoded, 'base64').toString()
}

/** The nodes, other than `owner`, that were issued a certificate with the address. */
export async function otherHolders(
  cluster: Cluster,
  address: string,
  owner: string,
): Promise<readonly string[]> {
  const { items }: { items: readonly StoredCsr[] } = JSON.parse(
    await kubectl(cluster, ['get', 'csr', '-o=json']),
  )
  const holding = items.filter(({ spec, status }) => {
    if (spec.username === `system:node:${owner}` || status.certificate === undefined) return false
    return new X509Certificate(Buffer.from(status.certificate, 'base64')).checkIP(address) !== undefined
  })
  return [...new Set(holding.map(({ spec }) => spec.username))]
}

interface EventList {
  readonly items: readonly {
    readonly reason: string
    readonly message: string
    readonly type: string
    readonly eventTime: string
    readonly involvedObject: { readonly name: string }
  }[]
}

export interface ToldEvent {
  readonly reason: string
  readonly type: string
  readonly message: string
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** The Events about a CSR, the oldest first. @param csr with or without `certificatesigningrequest…/` before it */
export async function eventsOf(cluster: Cluster, csr: string): Promise<readonly ToldEvent[]> {
  const name = csr.slice(csr.indexOf('/') + 1)
  const { items }: EventList = JSON.parse(
    await kubectl(cluster, ['get', 'events', '--namespace=default', '-o=json']),
  )
  return items
    .filter(({ involvedObject }) => involvedObject.name === name)
    .map(({ reason, type, message, eventTime }) => ({ reason, type, message, at: Date.parse(eventTime) }))
    .toSorted((one, other) => one.at - other.at)
}
