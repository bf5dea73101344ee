import { quoted } from '../../policies/text.ts'
import type { NodeGrants } from '../facts/grants.ts'
import type { Clock, Log } from '../ports.ts'
import type { Ledger } from './ledger.ts'
import { withoutClaim } from './record.ts'
import { SHARDS } from './shard.ts'
import { claimOf, type Released, textOf } from './shard-text.ts'

/** Tells of a name or address that a Node no longer holds. */
export type TellReleased = (released: { readonly text: string; readonly holder: NodeGrants }) => void

interface ReleaseDependencies {
  readonly ledger: Ledger
  readonly clock: Pick<Clock, 'serverNow'>
  readonly log: Log
  readonly tellReleased: TellReleased
}

/** Names and addresses in one annotation. */
export const RELEASES_MAX = 100
/** Kubernetes keeps approved CSRs for an hour: after it nothing can show the grant again. */
const REMEMBERED_MS = 2 * 3_600_000

/** Applies what operators wrote into annotations, each to the whole ledger. The next write removes the annotation. */
export function applyReleases(dependencies: ReleaseDependencies): void {
  for (let index = 0; index < SHARDS; index += 1) applyOne(index, dependencies)
}

function applyOne(index: number, { ledger, clock, log, tellReleased }: ReleaseDependencies): void {
  const { release, isApplied, released, name, problem } = ledger.stateOf(index)
  if (release === '' || isApplied || problem !== null) return
  const now = clock.serverNow()
  const fresh: Released[] = valuesIn(release)
    .slice(0, RELEASES_MAX)
    .map((text) => ({ claim: claimOf(text), at: now }))
  for (const { claim } of fresh) {
    const text = textOf(claim)
    const holders = ledger.having(claim)
    const nodes = holders.map(({ node }) => node)
    log.warn(
      { configMap: name, released: quoted(text), nodes },
      'a name or address was released by its annotation',
    )
    for (const holder of holders) {
      ledger.put(withoutClaim(holder, claim))
      tellReleased({ text, holder })
    }
  }
  const remembered = released.filter(({ at }) => now - at < REMEMBERED_MS)
  ledger.release(index, [...remembered, ...fresh])
}

/** The names and addresses in an annotation. */
export function valuesIn(annotation: string): string[] {
  return annotation
    .toLowerCase()
    .split(/[\s,]+/u)
    .filter((text) => text !== '')
}
