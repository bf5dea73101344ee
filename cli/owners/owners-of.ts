import type { Holding } from '../../policies/types.ts'
import { addressOf, claimKey, type Value } from '../../server/facts/claims.ts'
import type { NodeGrants } from '../../server/facts/grants.ts'
import { distrust } from '../../server/facts/freshness.ts'
import { SHARDS } from '../../server/ledger/shard.ts'
import { textOf } from '../../server/ledger/shard-text.ts'
import type { Judging } from '../../server/service.ts'

/** Who holds a name or address. Times are milliseconds since the epoch. */
export interface Owner {
  readonly kind: 'name' | 'address'
  /** The name, or the address as text. */
  readonly value: string
  readonly node: string
  /** The CSR of the latest grant. */
  readonly csr: string
  /** Since when it has been granted without interruption. */
  readonly heldAt: number
  readonly grantedAt: number
  /** When the address last answered for the Node, null if never. Null for a name. */
  readonly provenAt: number | null
  /** When the certificate expires, null if that is not known yet. */
  readonly notAfter: number | null
  /** Since when the Node is gone or does not report it, null while it does. */
  readonly leftAt: number | null
  /** `csr`: only a stored CSR shows it, and the ledger does not have it yet. */
  readonly from: 'ledger' | 'csr'
}

type Caches = Pick<Judging, 'informers' | 'shards' | 'ledger' | 'facts'>

/** The holders of some names and addresses, as `claimKey`; of all that are held if null. Who counts first comes first. */
export function ownersOf(caches: Caches, claims: readonly string[] | null): Owner[] {
  const asked = claims ?? heldClaims(caches)
  return asked.flatMap((claim) =>
    caches.facts
      .holders(valueOf(claim))
      .toSorted(byRank)
      .map((holding) => ownerOf(caches, claim, holding)),
  )
}

/** Why more may be held than {@link ownersOf} shows, a line each. */
export function unknownOwners({ informers, shards, ledger }: Caches): string[] {
  const { csrs, nodes } = informers
  const stores = [csrs, nodes, ...(shards === null ? [] : [shards])]
  const unread = stores.flatMap((store) => distrust(store, Infinity) ?? [])
  const shardProblems = Array.from({ length: SHARDS }, (_, index) => ledger.problemOf(index)?.because ?? [])
  return [...unread, ...shardProblems.flat()]
}

function heldClaims({ informers, ledger }: Caches): string[] {
  const written = [...ledger.all()].flatMap(({ values }) => values.map(({ claim }) => claim))
  const stored = [...informers.csrs.values()].flatMap(({ claims }) =>
    claims.filter((one) => !one.startsWith('key:')),
  )
  const claims = new Set([...written, ...stored])
  // Names come first; addresses in the order of their octets.
  return [...claims].toSorted((one, two) => (rankOf(one) < rankOf(two) ? -1 : 1))
}

const rankOf = (claim: string): string => (addressOf(claim) === undefined ? `0${claim}` : `1${claim}`)

function valueOf(claim: string): Value {
  const address = addressOf(claim)
  return address === undefined
    ? { kind: 'dNSName', value: claim.slice(claimKey('dNSName', '').length), claim }
    : { kind: 'iPAddress', value: address, claim }
}

/** As a contest is decided: who still reports it comes first, then who was granted it last. */
function byRank(one: Holding, two: Holding): number {
  const left = Number(one.leftAt !== null) - Number(two.leftAt !== null)
  return left === 0 ? two.grantedAt - one.grantedAt : left
}

function ownerOf(caches: Caches, claim: string, holding: Holding): Owner {
  const { kind, node, csr, grantedAt, provenAt, leftAt } = holding
  const grants = latestGrants(caches.ledger, claim, node)
  const heldAt = grants?.values.find((one) => one.claim === claim)?.heldAt ?? grantedAt
  return {
    kind: kind === 'dNSName' ? 'name' : 'address',
    value: textOf(claim),
    node,
    csr,
    heldAt: Math.min(heldAt, grantedAt),
    grantedAt,
    provenAt,
    leftAt,
    ...whence(caches, csr, grants),
  }
}

function latestGrants(ledger: Caches['ledger'], claim: string, node: string): NodeGrants | undefined {
  const own = ledger.having(claim).filter((one) => one.node === node)
  return own.toSorted((one, two) => two.last.approvedAt - one.last.approvedAt)[0]
}

/** A stored CSR that is newer than the ledger shows its own certificate. */
function whence(
  { informers }: Caches,
  csr: string,
  grants: NodeGrants | undefined,
): Pick<Owner, 'from' | 'notAfter'> {
  if (grants?.last.csr === csr) return { from: 'ledger', notAfter: grants.last.notAfter }
  return { from: 'csr', notAfter: informers.csrs.get(csr)?.issued?.notAfter ?? null }
}
