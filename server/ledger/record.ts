/** How the grants of one Node change. Each function returns a new record, or the same if nothing changed. */
import type { GrantSight } from '../../policies/types.ts'
import { defaultLimits, type Limits } from '../../policies/limits.ts'
import { type Grant, type GrantedValue, type NodeGrants, type Spent, spentAt } from '../facts/grants.ts'

/** One approval. */
export interface Approval {
  readonly node: string
  /** The uid of the Node object. */
  readonly uid: string
  readonly grant: Grant
  /** The names and addresses, as `claimKey`. */
  readonly claims: readonly string[]
  /** What those of them showed that were looked at. */
  readonly seen: ReadonlyMap<string, Exclude<GrantSight, null>>
}

/** Adds an approval. An older one than the last adds its key only: what it granted was granted again, or was left. */
export function addApproval(
  before: NodeGrants | undefined,
  approval: Approval,
  limits: Limits = defaultLimits,
): NodeGrants {
  const { node, uid, grant, claims } = approval
  if (before === undefined) {
    const values = claims.map((claim) => granted(undefined, claim, approval, limits))
    const spent = spend(
      { count: 0, at: grant.approvedAt },
      values.filter(({ sight }) => sight === 'silent').length,
      grant.approvedAt,
      limits,
    )
    return { node, uid, last: grant, earlier: [], values, spent, goneAt: null }
  }
  const known = [before.last, ...before.earlier]
  if (grant.approvedAt < before.last.approvedAt)
    return { ...before, earlier: earlierOf([...known, grant], before.last, limits) }
  const byClaim = new Map(before.values.map((value) => [value.claim, value]))
  const values = claims.map((claim) => granted(byClaim.get(claim), claim, approval, limits))
  const left = before.values
    .filter(({ claim }) => !claims.includes(claim))
    .map((value) => ({ ...value, leftAt: value.leftAt ?? grant.approvedAt }))
  const earlier = earlierOf(known, grant, limits)
  const fresh = values.filter(({ claim, sight }) => sight === 'silent' && byClaim.get(claim) === undefined)
  const spent = spend(before.spent, fresh.length, grant.approvedAt, limits)
  return { node, uid, last: grant, earlier, values: [...values, ...left], spent, goneAt: before.goneAt }
}

function spend(before: Spent, more: number, now: number, limits: Limits): Spent {
  return more === 0 ? before : { count: spentAt(before, now, limits) + more, at: now }
}

function granted(
  known: GrantedValue | undefined,
  claim: string,
  { grant, seen }: Approval,
  { goneAfterMs }: Limits,
): GrantedValue {
  const { approvedAt } = grant
  const now = seen.get(claim) ?? null
  const answers = now === 'own' || now === 'waiting'
  const fresh = { claim, heldAt: approvedAt, grantedAt: approvedAt, leftAt: null, sight: now }
  const isHeldOn = known !== undefined && (known.leftAt === null || approvedAt - known.leftAt < goneAfterMs)
  if (!isHeldOn) return { ...fresh, provenAt: answers ? approvedAt : null }
  const sight = known.sight === 'own' ? 'own' : (now ?? known.sight)
  return { ...fresh, heldAt: known.heldAt, provenAt: answers ? approvedAt : known.provenAt, sight }
}

function earlierOf(
  known: readonly (Grant | NodeGrants['earlier'][number])[],
  last: Grant,
  { ledger: { earlierMax } }: Limits,
): NodeGrants['earlier'] {
  const others = known.filter(({ csr, key }) => csr !== last.csr && key !== last.key)
  return others
    .filter(({ notAfter }) => notAfter > last.approvedAt)
    .slice(0, earlierMax)
    .map(({ csr, key, notAfter }) => ({ csr, key, notAfter }))
}

/** Notes what the Nodes report now: since when this one is gone, and since when it no longer reports what it was granted. */
export function noteReported(
  grants: NodeGrants,
  { exists, reports }: { readonly exists: boolean; readonly reports: (claim: string) => boolean },
  now: number,
): NodeGrants {
  const goneAt = exists ? null : (grants.goneAt ?? now)
  const inLast = ({ grantedAt }: GrantedValue): boolean => grantedAt === grants.last.approvedAt
  const values = grants.values.map((value) => {
    // What a later certificate lacks stays left, whatever the Node reports.
    const leftAt = reports(value.claim) && inLast(value) ? null : (value.leftAt ?? now)
    return leftAt === value.leftAt ? value : { ...value, leftAt }
  })
  const isSame = goneAt === grants.goneAt && values.every((value, index) => value === grants.values[index])
  return isSame ? grants : { ...grants, goneAt, values }
}

/** The record without what was left long ago; undefined if nothing of it matters any more. */
export function pruned(
  grants: NodeGrants,
  now: number,
  limits: Limits = defaultLimits,
): NodeGrants | undefined {
  const earlier = grants.earlier.filter(({ notAfter }) => notAfter > now)
  if (isForgettable(grants, now, limits) && grants.last.notAfter <= now && earlier.length === 0)
    return undefined
  const values = grants.values.filter(({ leftAt }) => leftAt === null || now - leftAt < limits.goneAfterMs)
  const isSame = earlier.length === grants.earlier.length && values.length === grants.values.length
  return isSame ? grants : { ...grants, earlier, values }
}

/** Whether nothing is decided by it any more but whose certificate an address shows. */
export function isForgettable({ goneAt, spent }: NodeGrants, now: number, limits: Limits): boolean {
  return goneAt !== null && now - goneAt >= limits.goneAfterMs && spentAt(spent, now, limits) === 0
}

/** The record without a name or address. */
export function withoutClaim(grants: NodeGrants, claim: string): NodeGrants {
  const values = grants.values.filter((value) => value.claim !== claim)
  return values.length === grants.values.length ? grants : { ...grants, values }
}

/** The record without a CSR that the signer refused after it was approved; undefined if it was the only one. */
export function withoutFailed(grants: NodeGrants, csr: string): NodeGrants | undefined {
  const { last } = grants
  if (last.csr !== csr) return grants
  if (grants.earlier.length === 0) return undefined
  const values = grants.values.filter(({ heldAt }) => heldAt !== last.approvedAt)
  return { ...grants, last: { ...last, notAfter: last.approvedAt }, values }
}
