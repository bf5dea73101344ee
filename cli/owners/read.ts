import type { LedgerPlace } from '../../server/ledger/shard.ts'
import { claimOf } from '../../server/ledger/shard-text.ts'
import { type Owner, ownersOf, unknownOwners } from './owners-of.ts'
import { policyOfFile } from '../cluster/policy.ts'
import { judgingNow } from '../cluster/judging.ts'
import { findLedger } from '../cluster/installed.ts'
import type { Session } from '../cluster/session.ts'
import type { Problem } from '../exit-codes.ts'

export interface OwnersAsked {
  /** Names in lower case, and addresses; empty: all that are held. */
  readonly values: readonly string[]
  readonly node: string | undefined
  readonly ledger: LedgerPlace | undefined
}

export interface OwnersRead {
  /** Null if there is none: then stored CSRs alone show what was granted. */
  readonly place: LedgerPlace | null
  readonly owners: readonly Owner[]
  /** What was asked for and nobody holds. */
  readonly free: readonly string[]
  /** Why more may be held. */
  readonly unknown: readonly string[]
}

type Reading =
  | { readonly ok: true; readonly read: OwnersRead }
  | { readonly ok: false; readonly problem: Problem }

/** Reads who holds what, as the controller counts it. */
export async function readOwners(session: Session, asked: OwnersAsked): Promise<Reading> {
  const found =
    asked.ledger === undefined ? await findLedger(session) : { ok: true as const, found: asked.ledger }
  if (!found.ok) return found
  const policy = await policyOfFile(null)
  if (!policy.ok) return policy
  await using judging = await judgingNow(session, { rules: policy.rules, ledger: found.found })
  const claims = [...new Set(asked.values.map(claimOf))]
  const all = ownersOf(judging, asked.values.length === 0 ? null : claims)
  const owners = all.filter(({ node }) => asked.node === undefined || node === asked.node)
  const held = new Set(all.map(({ value }) => claimOf(value)))
  const free = asked.values.filter((value) => !held.has(claimOf(value)))
  return { ok: true, read: { place: found.found, owners, free, unknown: unknownOwners(judging) } }
}
