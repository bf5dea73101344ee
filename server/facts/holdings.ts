import { defaultLimits, type Limits } from '../../policies/limits.ts'
import { nodeName, nodeUser } from '../../policies/node-name.ts'
import { addresses } from '../../policies/request.ts'
import type {
  Address,
  Approved,
  CsrObject,
  Held,
  Holding,
  NodeFacts,
  OwnGrants,
  ParsedRequest,
} from '../../policies/types.ts'
import type { Store } from '../ports.ts'
import { addressOf, type Claims, keyClaim, type Value, valuesOf } from './claims.ts'
import type { Arrivals } from './arrivals.ts'
import { type GrantedValue, type Grants, type NodeGrants, unprovenLeft } from './grants.ts'
import type { StoredCsr } from './stored-csr.ts'
import type { StoredRequests } from './stored-requests.ts'

interface HoldingsParts {
  readonly nodes: Store<NodeFacts>
  readonly arrivals: Pick<Arrivals, 'precedence' | 'reportedMs' | 'goneMs'>
  readonly claims: Claims
  readonly stored: StoredRequests
  readonly ledger: Grants
  /** Milliseconds since the epoch by the API server's clock. */
  readonly now: () => number
  readonly limits?: Limits
}

/** Who holds what: the ledger, and approved CSRs that are still stored, which count until they are in the ledger. */
export class Holdings {
  readonly #parts: HoldingsParts
  readonly #limits: Limits

  constructor(parts: HoldingsParts) {
    this.#parts = parts
    this.#limits = parts.limits ?? defaultLimits
  }

  /** What Node objects other than the requester's present one hold of what it asks for. */
  others(request: ParsedRequest, own: string): Holding[] {
    const node = this.#parts.nodes.get(own)
    return valuesOf(request).flatMap((value) => this.#holdersOf(value, node))
  }

  /** What all Node objects hold of one name or address. */
  of(value: Value): Holding[] {
    return this.#holdersOf(value, undefined)
  }

  /** What the requester's present Node object holds of what it asks for. */
  own(request: ParsedRequest, own: string): OwnGrants {
    const { nodes, ledger } = this.#parts
    const node = nodes.get(own)
    const incomplete = ledger.incomplete(own)
    const othersIncomplete = ledger.incompleteAnywhere()
    const missing = { incomplete, othersIncomplete }
    const budget = {
      unprovenLeft: unprovenLeft(ledger.called(own), this.#parts.now(), this.#limits),
      ...missing,
    }
    if (node === undefined) return { held: [], served: false, precedence: {}, reportedMs: {}, ...budget }
    const grants = ledger.of(node.uid)
    const stored = this.#approvedOf(node)
    const held = valuesOf(request).flatMap((value) => this.#held(value, grants, stored))
    const served = grants !== undefined || stored.length > 0
    return { held, served, ...this.#arrivalOf(node, request), ...budget }
  }

  #arrivalOf(node: NodeFacts, request: ParsedRequest): Pick<OwnGrants, 'precedence' | 'reportedMs'> {
    const { arrivals } = this.#parts
    const asked = addresses(request)
    const times = asked.flatMap((address) => {
      const ms = arrivals.reportedMs(node, address)
      return ms === undefined ? [] : [[address, ms] as const]
    })
    return {
      precedence: Object.fromEntries(asked.map((address) => [address, arrivals.precedence(node, address)])),
      reportedMs: Object.fromEntries(times),
    }
  }

  /** Whether a Node's present object was ever granted a certificate. */
  isServed(node: NodeFacts): boolean {
    return this.#parts.ledger.of(node.uid) !== undefined || this.#approvedOf(node).length > 0
  }

  /** The name of the Node to which a public key was granted, null if that is not known. */
  ownerOf(key: string): string | null {
    const [grants] = this.#parts.ledger.having(key)
    if (grants !== undefined) return grants.node
    const [stored] = this.#parts.stored.approvedWith(key)
    return stored === undefined ? null : (nodeName(stored.username) ?? null)
  }

  /** For how long a Node of that name does not exist, as far as that was seen; 0 while one does. */
  goneMs(node: string): number {
    const { nodes, arrivals, ledger, now } = this.#parts
    if (nodes.get(node) !== undefined) return 0
    const times = ledger.called(node).map(({ goneAt }) => goneAt ?? now())
    return times.length === 0 ? arrivals.goneMs(node) : Math.max(0, now() - Math.max(...times))
  }

  /** Another CSR that was granted with the same public key, which may be gone by now. */
  sameKey({ name, requester }: CsrObject, request: ParsedRequest): Approved | null {
    const key = keyClaim(request)
    for (const { node, last, earlier } of this.#parts.ledger.having(key)) {
      // A requester chooses the name of its CSR, once the one that had it is gone.
      const isItself = (csr: string): boolean => csr === name && nodeUser(node) === requester.username
      const used = [last, ...earlier].find((grant) => `key:${grant.key}` === key && !isItself(grant.csr))
      if (used !== undefined) return { csr: used.csr, username: nodeUser(node) }
    }
    return null
  }

  #approvedOf(node: NodeFacts): StoredCsr[] {
    const approved = this.#parts.stored.approvedOf(nodeUser(node.name))
    return approved.filter((csr) => isOfNode(csr, node, this.#limits))
  }

  #held({ kind, value, claim }: Value, grants: NodeGrants | undefined, stored: readonly StoredCsr[]): Held[] {
    const written = grants?.values.find((one) => one.claim === claim && !this.#hasLeft(one))
    const approved = stored.filter(
      (csr) => csr.claims.includes(claim) && !isAmong(grants, csr) && this.#counts(csr, claim),
    )
    const times = [written?.grantedAt, ...approved.map(({ approvedAt }) => approvedAt)]
    const known = times.filter((time) => typeof time === 'number')
    if (known.length === 0) return []
    return [
      {
        kind,
        value,
        grantedAt: Math.max(...known),
        provenAt: written?.provenAt ?? null,
        sight: written?.sight ?? null,
      },
    ]
  }

  #hasLeft({ leftAt }: GrantedValue): boolean {
    return leftAt !== null && this.#parts.now() - leftAt >= this.#limits.goneAfterMs
  }

  #counts({ approvedAt }: StoredCsr, claim: string): boolean {
    return approvedAt !== null && approvedAt > this.#parts.ledger.releasedAt(claim)
  }

  /** At most one for each name of a Node: the latest grant. */
  #holdersOf(value: Value, own: NodeFacts | undefined): Holding[] {
    const { ledger, stored } = this.#parts
    const byNode = new Map<string, Holding>()
    for (const grants of ledger.having(value.claim)) {
      if (grants.uid !== own?.uid) addLatest(byNode, this.#written(value, grants))
    }
    for (const csr of stored.approvedWith(value.claim)) {
      const node = nodeName(csr.username)
      if (node === undefined || this.#isOwn(node, csr, own)) continue
      if (ledger.called(node).some((grants) => isAmong(grants, csr))) continue
      if (this.#counts(csr, value.claim)) addLatest(byNode, this.#approved(value, node, csr))
    }
    return [...byNode.values()]
  }

  #written({ kind, value, claim }: Value, grants: NodeGrants): Holding {
    const { node, last, values, goneAt } = grants
    const own = values.find((one) => one.claim === claim)
    const standing = this.#standing(node, claim, own?.leftAt ?? goneAt)
    const { grantedAt = last.approvedAt, provenAt = null, sight = null } = own ?? {}
    // What was left at the same moment may have moved on together: a name, with the address of its machine.
    const together = values.filter(({ leftAt }) => leftAt === null || leftAt === own?.leftAt)
    const elsewhere = addressesIn(
      together.map((one) => one.claim),
      value,
      this.#limits,
    )
    return { kind, value, node, csr: last.csr, grantedAt, provenAt, sight, elsewhere, ...standing }
  }

  #approved({ kind, value, claim }: Value, node: string, { name, approvedAt, claims }: StoredCsr): Holding {
    const standing = this.#standing(node, claim, null)
    const elsewhere = addressesIn(claims, value, this.#limits)
    return {
      kind,
      value,
      node,
      csr: name,
      grantedAt: approvedAt ?? 0,
      provenAt: null,
      sight: null,
      elsewhere,
      ...standing,
    }
  }

  #isOwn(node: string, csr: StoredCsr, own: NodeFacts | undefined): boolean {
    return own !== undefined && own.name === node && isOfNode(csr, own, this.#limits)
  }

  /** A Node that was made again under its name carries on what it reports. */
  #standing(name: string, claim: string, leftAt: number | null): Pick<Holding, 'controlPlane' | 'leftAt'> {
    const { nodes, claims, now } = this.#parts
    const controlPlane = nodes.get(name)?.controlPlane === true
    return { controlPlane, leftAt: claims.has(name, claim) ? null : (leftAt ?? now() - this.goneMs(name)) }
  }
}

/** Asked for since the Node exists, as NodeUnknown reckons it: an earlier Node of the same name was another Node. */
export function isOfNode(
  { createdAt }: StoredCsr,
  node: NodeFacts,
  { youngerMs }: Pick<Limits, 'youngerMs'> = defaultLimits,
): boolean {
  return node.createdAt - createdAt <= youngerMs
}

/** Whether the ledger has the approval. It knows then since when each value was left, and forgets that in time. */
function isAmong(grants: NodeGrants | undefined, { name }: StoredCsr): boolean {
  return grants !== undefined && [grants.last, ...grants.earlier].some(({ csr }) => csr === name)
}

function addLatest(byNode: Map<string, Holding>, holding: Holding): void {
  const known = byNode.get(holding.node)
  if (known === undefined) return void byNode.set(holding.node, holding)
  const [later, earlier] = known.grantedAt >= holding.grantedAt ? [known, holding] : [holding, known]
  // A proof outlives the certificate with which it was made, and the earlier one may know since when it was left.
  const leftAt = later.leftAt === null ? null : Math.min(later.leftAt, earlier.leftAt ?? later.leftAt)
  const provenAt = later.provenAt ?? earlier.provenAt
  const sight = earlier.sight === 'own' ? 'own' : (later.sight ?? earlier.sight)
  byNode.set(holding.node, { ...later, provenAt, sight, leftAt })
}

function addressesIn(claims: readonly string[], except: string, { elsewhereMax }: Limits): Address[] {
  const all = claims.flatMap((claim) => addressOf(claim) ?? [])
  return all.filter((address) => address !== except).slice(0, elsewhereMax)
}
