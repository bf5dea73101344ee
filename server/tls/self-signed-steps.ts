import { issueAuthority, issueLeaf, type Lifetimes, type TrustedAuthority } from './authority.ts'
import { type Kept, type Step, stillTrusted } from './self-signed-plan.ts'

/** Bounds the caBundle, however often an operator requests a new CA. */
const MAX_PREVIOUS = 3

/** The steps that change the Secret. */
export type Change = Extract<Step, { step: 'found' | 'restore' | 'stage' | 'promote' | 'renew' }>

export interface Making {
  readonly now: number
  readonly names: readonly string[]
  readonly lifetimes: Lifetimes
}

/** The content of the Secret after a step. Generates keys, and has no other effect. */
export function take(change: Change, kept: Kept, { now, names, lifetimes }: Making): Kept {
  const previous = stillTrusted(kept, now)
  switch (change.step) {
    case 'found': {
      const authority = issueAuthority(now, lifetimes)
      return { ...empty, authority, leaf: issueLeaf(authority, names, now, lifetimes) }
    }
    case 'restore':
      return { ...empty, ...change.serving }
    case 'stage':
      return { ...kept, previous, next: issueAuthority(now, lifetimes), requested: null }
    case 'promote': {
      const leaf = issueLeaf(change.next, names, now, lifetimes)
      return { ...empty, authority: change.next, leaf, previous: retire(kept, previous) }
    }
    case 'renew': {
      const leaf = issueLeaf(change.authority, change.names, now, lifetimes)
      const requested = kept.requested === 'leaf' ? null : kept.requested
      return { ...kept, previous, leaf, requested }
    }
  }
}

const empty: Kept = { authority: null, leaf: null, next: null, previous: [], requested: null }

/** A replaced CA stays trusted for a while, but its key is deleted. */
function retire({ authority }: Kept, previous: readonly TrustedAuthority[]): readonly TrustedAuthority[] {
  if (authority === null) return previous
  const { key: _deleted, ...retired } = authority
  return [retired, ...previous].slice(0, MAX_PREVIOUS)
}
