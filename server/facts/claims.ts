import type { Address, Claim, NodeFacts, ParsedRequest } from '../../policies/types.ts'
import { addresses, dnsNames, foldCase } from '../../policies/request.ts'
import { memoize } from '../../policies/memoize.ts'
import { Multimap } from '../multimap.ts'
import type { Change, Store } from '../ports.ts'

/** Another Node that reports or bears a requested value. */
export interface Rival extends Pick<Claim, 'kind' | 'value'> {
  readonly node: NodeFacts
}

type NodesOfClaims = Pick<Store<NodeFacts>, 'get' | 'values' | 'subscribe'>

/** An index of all names and addresses of all Nodes, to find the rivals of a request without reading every Node. */
export class Claims {
  readonly #nodes: NodesOfClaims
  readonly #byValue = new Multimap<string>()

  constructor(nodes: NodesOfClaims) {
    this.#nodes = nodes
    for (const node of nodes.values()) this.#add(node)
    nodes.subscribe((change) => this.#apply(change))
  }

  /** All Nodes other than `own` that report a requested name or address, or are called by a requested name. */
  rivals(request: ParsedRequest, own: string): Rival[] {
    return valuesOf(request).flatMap(({ kind, value, claim }) =>
      [...this.#byValue.get(claim)].flatMap((name) => {
        const node = name === own ? undefined : this.#nodes.get(name)
        return node === undefined ? [] : [{ kind, value, node }]
      }),
    )
  }

  /** Whether a Node of that name reports or bears what a {@link claimKey} stands for. */
  has(node: string, claim: string): boolean {
    return this.#byValue.get(claim).has(node)
  }

  #apply({ before, after }: Change<NodeFacts>): void {
    if (before !== undefined) for (const key of claimsOfNode(before)) this.#byValue.delete(key, before.name)
    if (after !== undefined) this.#add(after)
  }

  #add(node: NodeFacts): void {
    for (const key of claimsOfNode(node)) this.#byValue.add(key, node.name)
  }
}

/** What a Node claims, as {@link claimKey}: what it reports, and its own name whether or not it reports it. */
export function claimsOfNode(node: NodeFacts | undefined): Set<string> {
  if (node === undefined) return new Set()
  const names = [foldCase(node.name), ...node.names].map((name) => claimKey('dNSName', name))
  return new Set([...names, ...node.addresses.map((address) => claimKey('iPAddress', address))])
}

export function claimKey(kind: Claim['kind'], value: string): string {
  return `${kind}:${value}`
}

/** What a request is granted when it is approved: what it asks for as {@link claimKey}, and its public key. */
export function grantedBy(request: ParsedRequest): string[] {
  return [keyClaim(request), ...claimsOf(request)]
}

/** 128 bits of its SHA-256 tell public keys apart. */
export function keyClaim({ spkiSha256 }: Pick<ParsedRequest, 'spkiSha256'>): string {
  return `key:${spkiSha256.slice(0, 32)}`
}

/** A name in lower case, or an address, with its {@link claimKey}. */
export interface Value {
  readonly kind: Claim['kind']
  readonly value: string
  readonly claim: string
}

/** What a request asks for. */
export const valuesOf = memoize((request: ParsedRequest): readonly Value[] => {
  const names = dnsNames(request).map((name) => ({ kind: 'dNSName', value: foldCase(name) }) as const)
  const asked = [...names, ...addresses(request).map((value) => ({ kind: 'iPAddress', value }) as const)]
  return asked.map((one) => ({ ...one, claim: claimKey(one.kind, one.value) }))
})

/** What a request asks for, as {@link claimKey}. */
export function claimsOf(request: ParsedRequest): string[] {
  return valuesOf(request).map(({ claim }) => claim)
}

const ADDRESS = claimKey('iPAddress', '')

/** The address that a {@link claimKey} stands for, undefined for a name or a key. */
export function addressOf(claim: string): Address | undefined {
  return claim.startsWith(ADDRESS) ? claim.slice(ADDRESS.length) : undefined
}
