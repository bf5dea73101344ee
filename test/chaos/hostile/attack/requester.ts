import { type Client, createClient } from '../../../kit/client.ts'
import { createCsr, type CsrBody, textOf } from '../../../kit/kubelet/csr.ts'
import { buildRequest, type RequestShape } from '../../../kit/requests/request.ts'
import { objectAt } from '../../../../server/json.ts'
import type { JsonObject } from '../../../../server/ports.ts'
import type { Attack, HostileInput, HostileNode, Targets } from '../input.ts'
import { flooding, type Pace } from './flood.ts'

/** A node that asks: its client, and what it may honestly ask for. */
export interface Requester {
  readonly name: string
  readonly address: string
  readonly client: Client
}

function requesterOf({ targets }: Pick<Attack, 'targets'>, node: HostileNode): Requester {
  const { name, address, certPem, keyPem } = node
  return { name, address, client: clientOf(targets, { certPem, keyPem }) }
}

/** All nodes that the attacker holds. */
function requestersOf(attack: Attack): readonly Requester[] {
  return attack.targets.nodes.map((node) => requesterOf(attack, node))
}

/** Draws from them in turn. */
export function inTurn<T>(items: readonly T[], index: number): T {
  const item = items[index % items.length]
  if (item === undefined) throw new Error('there are none to draw from')
  return item
}

/** An input through the API server, of so many of the attacker's nodes in turn. */
export function byNodes(
  {
    nodes = 1,
    ...input
  }: Omit<HostileInput, 'against' | 'run'> & { readonly pace: Pace; readonly nodes?: number },
  attempt: (by: Requester, index: number, attack: Attack) => Promise<string>,
): HostileInput {
  return flooding({ against: 'api server', ...input }, (attack) => {
    const requesters = requestersOf(attack).slice(0, nodes)
    return (index) => attempt(inTurn(requesters, index), index, attack)
  })
}

export function clientOf(
  { apiServer: { url, caPem } }: Targets,
  credentials: { readonly certPem?: string; readonly keyPem?: string; readonly token?: string },
): Client {
  return createClient(url, { caPem, ...credentials })
}

/** A new request each time, honest but for what `shape` changes. */
export function requestOf(
  { name, address }: Pick<Requester, 'name' | 'address'>,
  shape: RequestShape = {},
): string {
  const honest = { commonName: `system:node:${name}`, dnsNames: [name], addresses: [address] }
  return buildRequest({ ...honest, ...shape }).request
}

/** Of all that the attacker asks for. */
export const HOSTILE_LABEL = 'example.com/hostile'

/** The status of a create; of a refusal also its reason. */
export async function asked({ client }: Requester, body: CsrBody, query = ''): Promise<string> {
  const labels = { ...objectAt(body.metadata ?? {}, 'labels'), [HOSTILE_LABEL]: '' }
  const metadata = { generateName: 'csr-', ...body.metadata, labels }
  const { status, body: answer } = await createCsr(client, { ...body, metadata }, query)
  return status === 201 ? '201' : `${status} ${textOf(answer['reason']) ?? ''}`
}

export async function called(
  { client }: Pick<Requester, 'client'>,
  method: string,
  path: string,
  body?: JsonObject,
): Promise<string> {
  return String((await client.request(method, path, body)).status)
}
