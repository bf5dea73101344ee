/** Many honest nodes at once, without a process or a connection each. */
import type { Client } from '../../kit/client.ts'
import type { ControlPlane } from '../../control-plane/control-plane.ts'
import { createCsr, metadataOf, textOf } from '../../kit/kubelet/csr.ts'
import { buildRequest } from '../../kit/requests/request.ts'
import type { JsonObject } from '../../../server/ports.ts'

export interface Member {
  readonly name: string
  readonly client: Client
  /** `spec.request` for what its Node reports. */
  readonly request: string
  readonly address: string
}

/** All their addresses. */
export const ADDRESSES = ['10.100.0.0/15', '10.200.0.0/15']
/** The label of what stays from turn to turn. */
export const STORED = { 'example.com/stored': 'true' }
/** Requests in flight while Nodes are made. */
const PARALLEL = 16
/** The kubelet reports 50 images, each by digest and tag. */
const IMAGES = Array.from({ length: 50 }, (_, index) => ({
  names: [
    `registry.example/team-${index}/service@sha256:${String(index).padStart(64, 'a')}`,
    `registry.example/team-${index}/service:v1.${index}.0-${'b'.repeat(80)}`,
  ],
  sizeBytes: 100_000_000 + index,
}))

/**
 * Registers Nodes, which report their addresses.
 * @param kind of the Nodes: those that ask, or those that only make a cluster large, with the images of a stock Node (14 KB)
 * @param from the index of the first
 */
export async function createFleet(
  cluster: ControlPlane,
  size: number,
  kind: 'member' | 'stored' = 'member',
  from = 0,
): Promise<readonly Member[]> {
  const members = Array.from({ length: size }, (_, index) => memberOf(cluster, from + index, kind))
  const [labels, images] = kind === 'stored' ? [STORED, { images: IMAGES }] : [{}, {}]
  await forEachOf(members, PARALLEL, async ({ name, address }) => {
    const addresses = [
      { type: 'Hostname', address: name },
      { type: 'InternalIP', address },
    ]
    await expectOk(cluster, 'POST', '/api/v1/nodes', { metadata: { name, labels } })
    await expectOk(cluster, 'PATCH', `/api/v1/nodes/${name}/status`, { status: { addresses, ...images } })
  })
  return members
}

function memberOf(cluster: ControlPlane, index: number, kind: 'member' | 'stored'): Member {
  const name = `${kind}-${index}`
  const address = `10.${(kind === 'member' ? 100 : 200) + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`
  const user = `system:node:${name}`
  const client = cluster.impersonate({ user, groups: ['system:nodes', 'system:authenticated'] })
  return asking({ name, client, address }, name)
}

/** Asks for a DNS name, and its address, with a key of its own. */
export function asking({ name, client, address }: Omit<Member, 'request'>, dnsName: string): Member {
  const shape = { commonName: `system:node:${name}`, dnsNames: [dnsName], addresses: [address] }
  return { name, client, address, request: buildRequest(shape).request }
}

/** One honest CSR; the object as stored. */
export async function ask(
  { client, request }: Member,
  metadata: JsonObject = {},
): Promise<{ readonly csr: JsonObject; readonly ms: number }> {
  const { status, body, ms } = await createCsr(client, {
    request,
    metadata: { generateName: 'csr-', ...metadata },
  })
  if (status !== 201) throw new Error(`a CSR was not created: ${status} ${textOf(body['message'])}`)
  return { csr: body, ms }
}

export function nameOf(csr: JsonObject): string {
  return metadataOf(csr).name
}

/** Works through items in order, so many at a time; the first failure ends it. */
export async function forEachOf<T>(
  items: Iterable<T> | AsyncIterable<T>,
  parallel: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const rest = drawn(items)
  const worker = async () => {
    for await (const item of rest) await work(item)
  }
  await Promise.all(Array.from({ length: parallel }, worker))
}

/** One generator that several workers draw from in turn. */
async function* drawn<T>(items: Iterable<T> | AsyncIterable<T>): AsyncGenerator<T> {
  yield* items
}

async function expectOk(
  cluster: ControlPlane,
  method: string,
  path: string,
  body: JsonObject,
): Promise<void> {
  for (let tries = 0; ; tries++) {
    const { status, body: answer } = await cluster.adminRequest(method, path, body)
    if (status < 300) return
    if (status !== 409 || tries >= 5)
      throw new Error(`${method} ${path}: ${status} ${textOf(answer['message'])}`)
  }
}
