import { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { nodeName } from '../../policies/node-name.ts'
import { decodedOf, objectAt, textAt } from '../../server/json.ts'
import type { Json, JsonObject } from '../../server/ports.ts'
import { readList } from '../cluster/read-list.ts'
import type { Session } from '../cluster/session.ts'
import type { Problem } from '../exit-codes.ts'
import type { Dial } from './dial.ts'

/** A Node, as far as its kubelet's certificate is concerned. Times are milliseconds since the epoch. */
export interface FleetNode {
  readonly name: string
  readonly createdAt: number
  readonly ready: boolean
  /** Where its kubelet listens, as it reports; null if it reports no address. */
  readonly dial: Dial | null
}

/** A CSR of a node for its serving certificate. */
export interface FleetCsr {
  readonly name: string
  readonly node: string
  readonly createdAt: number
  readonly state: 'pending' | 'approved' | 'issued' | 'denied' | 'failed'
  /** Of the condition that decided it; empty while it waits. */
  readonly message: string
  /** SHA-256 of the issued certificate, as X509Certificate has it; null if none is issued. */
  readonly fingerprint: string | null
}

export interface Fleet {
  /** By name. */
  readonly nodes: readonly FleetNode[]
  /** The newest CSR of each node. The cluster keeps a CSR for an hour. */
  readonly csrs: ReadonlyMap<string, FleetCsr>
}

export type FleetRead =
  | { readonly ok: true; readonly fleet: Fleet }
  | { readonly ok: false; readonly problem: Problem }

/** The list of all kubelet-serving CSRs. */
export const SERVING_CSRS = {
  title: 'CSRs',
  path: '/apis/certificates.k8s.io/v1/certificatesigningrequests',
  fieldSelector: 'spec.signerName=kubernetes.io/kubelet-serving',
} as const

/** Reads all Nodes, and the kubelet-serving CSRs of nodes. */
export async function readFleet(session: Session): Promise<FleetRead> {
  const [nodes, csrs] = await Promise.all([
    readList(session, { title: 'Nodes', path: '/api/v1/nodes', select: nodeOf }),
    readList(session, { ...SERVING_CSRS, select: csrOf }),
  ])
  if (!nodes.ok) return nodes
  if (!csrs.ok) return csrs
  const byName = nodes.items.toSorted((one, other) => (one.name < other.name ? -1 : 1))
  return { ok: true, fleet: { nodes: byName, csrs: newestOf(csrs.items) } }
}

/** The newest CSR of each node. */
export function newestOf(csrs: readonly FleetCsr[]): Map<string, FleetCsr> {
  const newest = new Map<string, FleetCsr>()
  for (const csr of csrs) {
    const known = newest.get(csr.node)
    if (known === undefined || known.createdAt <= csr.createdAt) newest.set(csr.node, csr)
  }
  return newest
}

/** What is kept of a Node. */
export function nodeOf(object: JsonObject): FleetNode | undefined {
  const metadata = objectAt(object, 'metadata')
  const name = textAt(metadata, 'name')
  if (name === '') return undefined
  const status = objectAt(object, 'status')
  const ready = itemsOf(status, 'conditions').find((condition) => textAt(condition, 'type') === 'Ready')
  return {
    name,
    createdAt: Date.parse(textAt(metadata, 'creationTimestamp')),
    ready: ready !== undefined && textAt(ready, 'status') === 'True',
    dial: dialOf(status),
  }
}

const KUBELET_PORT = 10_250
/** A Node reports a handful of addresses. */
const ADDRESSES_MAX = 100

function dialOf(status: JsonObject): Dial | null {
  const addresses = itemsOf(status, 'addresses').slice(0, ADDRESSES_MAX)
  const ofType = (type: string) =>
    addresses.find((entry) => textAt(entry, 'type') === type && isIP(textAt(entry, 'address')) !== 0)
  const entry = ofType('InternalIP') ?? ofType('ExternalIP')
  if (entry === undefined) return null
  const { Port: port } = objectAt(status, 'daemonEndpoints', 'kubeletEndpoint')
  const isPort = typeof port === 'number' && Number.isInteger(port) && port > 0 && port < 65_536
  return { address: textAt(entry, 'address'), port: isPort ? port : KUBELET_PORT }
}

/** A CSR of a node, newest or not. Undefined for one of anybody else. */
export function csrOf(object: JsonObject): FleetCsr | undefined {
  const metadata = objectAt(object, 'metadata')
  const node = nodeName(textAt(objectAt(object, 'spec'), 'username'))
  if (node === undefined) return undefined
  const status = objectAt(object, 'status')
  const fingerprint = fingerprintOf(status)
  return {
    name: textAt(metadata, 'name'),
    node,
    createdAt: Date.parse(textAt(metadata, 'creationTimestamp')),
    fingerprint,
    ...stateOf(status, fingerprint !== null),
  }
}

function stateOf(status: JsonObject, issued: boolean): Pick<FleetCsr, 'state' | 'message'> {
  const conditions = itemsOf(status, 'conditions')
  const found = (type: string) => conditions.find((condition) => textAt(condition, 'type') === type)
  for (const [type, state] of [
    ['Failed', 'failed'],
    ['Denied', 'denied'],
  ] as const) {
    const condition = found(type)
    if (condition !== undefined)
      return { state, message: textAt(condition, 'message') || textAt(condition, 'reason') }
  }
  const approved = found('Approved')
  if (approved === undefined) return { state: 'pending', message: '' }
  return { state: issued ? 'issued' : 'approved', message: textAt(approved, 'message') }
}

/** A chain of certificates with large keys. */
const CERTIFICATE_MAX = 65_536

function fingerprintOf(status: JsonObject): string | null {
  const pem = decodedOf(status, 'certificate', CERTIFICATE_MAX)
  if (pem === '') return null
  try {
    return new X509Certificate(pem).fingerprint256
  } catch {
    return null // The signer wrote no certificate that can be read.
  }
}

/** The list under `key`, as objects. */
export function itemsOf(object: JsonObject, key: string): JsonObject[] {
  const items: Json | undefined = object[key]
  return Array.isArray(items) ? items.map((item: Json) => objectAt(item)) : []
}
