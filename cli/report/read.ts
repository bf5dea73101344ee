import { X509Certificate } from 'node:crypto'
import { decodedOf, objectAt, textAt } from '../../server/json.ts'
import type { JsonObject } from '../../server/ports.ts'
import { readList } from '../cluster/read-list.ts'
import type { Session } from '../cluster/session.ts'
import type { Problem } from '../exit-codes.ts'
import { csrOf, type FleetCsr, type FleetNode, itemsOf, nodeOf, SERVING_CSRS } from '../fleet/read-fleet.ts'

/** A Node with what it reports of itself. */
export interface ReportNode {
  readonly node: FleetNode
  readonly addresses: readonly ReportedAddress[]
}

export interface ReportedAddress {
  /** Such as `InternalIP`. */
  readonly type: string
  readonly address: string
}

/** A stored CSR with who decided it, and what was issued. */
export interface ReportCsr {
  readonly csr: FleetCsr
  /** The reason code of the condition that decided it; empty while it waits. */
  readonly reason: string
  readonly certificate: X509Certificate | null
}

export type ReportRead =
  | { readonly ok: true; readonly nodes: readonly ReportNode[]; readonly csrs: readonly ReportCsr[] }
  | { readonly ok: false; readonly problem: Problem }

/** Reads all Nodes with their addresses, and every stored kubelet-serving CSR of a node. */
export async function readForReport(session: Session): Promise<ReportRead> {
  const [nodes, csrs] = await Promise.all([
    readList(session, { title: 'Nodes', path: '/api/v1/nodes', select: reportNode }),
    readList(session, { ...SERVING_CSRS, select: reportCsr }),
  ])
  if (!nodes.ok) return nodes
  if (!csrs.ok) return csrs
  const byName = nodes.items.toSorted((one, other) => (one.node.name < other.node.name ? -1 : 1))
  return { ok: true, nodes: byName, csrs: csrs.items }
}

/** A Node reports a handful. */
const ADDRESSES_MAX = 32

function reportNode(object: JsonObject): ReportNode | undefined {
  const node = nodeOf(object)
  if (node === undefined) return undefined
  const reported = itemsOf(objectAt(object, 'status'), 'addresses').slice(0, ADDRESSES_MAX)
  const addresses = reported.map((entry) => ({
    type: textAt(entry, 'type'),
    address: textAt(entry, 'address'),
  }))
  return { node, addresses }
}

const CERTIFICATE_MAX = 65_536

function reportCsr(object: JsonObject): ReportCsr | undefined {
  const csr = csrOf(object)
  if (csr === undefined) return undefined
  const status = objectAt(object, 'status')
  const conditions = itemsOf(status, 'conditions')
  const decided = ['Failed', 'Denied', 'Approved']
    .map((type) => conditions.find((condition) => textAt(condition, 'type') === type))
    .find((condition) => condition !== undefined)
  const pem = csr.fingerprint === null ? '' : decodedOf(status, 'certificate', CERTIFICATE_MAX)
  return {
    csr,
    reason: decided === undefined ? '' : textAt(decided, 'reason'),
    certificate: pem === '' ? null : new X509Certificate(pem),
  }
}
