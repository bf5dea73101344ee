import {
  type Authority,
  BACKDATE_MS,
  covers,
  type Leaf,
  type Lifetimes,
  type TrustedAuthority,
} from './authority.ts'

/** What the Secret keeps for all replicas. What cannot be read or used is null. */
export interface Kept {
  /** Signs the leaf. */
  readonly authority: Authority | null
  readonly leaf: Leaf | null
  /** A new CA on its way into the caBundle; it has signed nothing that is served. */
  readonly next: Authority | null
  /** The CAs before this one: a replica may still serve a leaf of theirs. Their keys are gone. */
  readonly previous: readonly TrustedAuthority[]
  /** What an operator asked for by annotation. */
  readonly requested: 'leaf' | 'ca' | null
}

/** What this replica serves, and the CA it was signed by. */
export interface Serving {
  readonly authority: Authority
  readonly leaf: Leaf
}

/** All that the next step is chosen from. */
export interface View {
  /** Milliseconds since the epoch by the API server's clock. */
  readonly now: number
  /** What API servers call us by. */
  readonly names: readonly string[]
  readonly kept: Kept
  /** The ids of the certificates in the webhook's caBundle; null when there is no such webhook. */
  readonly trusted: readonly string[] | null
  /** For how long this replica has seen every CA of `kept` in it, in milliseconds. */
  readonly trustedForMs: number
  readonly serving: Serving | null
}

/** One step, after which the world is looked at again. `rest`: all is as it must be, for now. */
export type Step =
  /** Nothing usable is kept: make a CA and a leaf. */
  | { readonly step: 'found' }
  /** The Secret was emptied while we serve what was in it: write it back, so that no API server notices. */
  | { readonly step: 'restore'; readonly serving: Serving }
  | { readonly step: 'serve'; readonly serving: Serving }
  /** Write these CAs, and no others, into the caBundle. */
  | { readonly step: 'publish'; readonly authorities: readonly TrustedAuthority[] }
  /** Keep a new CA beside the present one. */
  | { readonly step: 'stage' }
  /** Sign a leaf by the new CA, prove it, and put both in the place of the present ones. */
  | { readonly step: 'promote'; readonly next: Authority }
  | { readonly step: 'renew'; readonly authority: Authority; readonly names: readonly string[] }
  | { readonly step: 'rest' }

export interface Pace {
  readonly lifetimes: Lifetimes
  /** How long every API server has to learn of a changed caBundle: they watch it, usually a second suffices. */
  readonly propagationMs: number
}

/** A leaf is renewed when a third of its life is left: a month in which to notice that it is not. */
const RENEW_AFTER = 2 / 3
/** Replicas look every 15 s; one that has not looked for an hour is as good as gone. */
const RETIRE_PREVIOUS_MS = 60 * 60 * 1000

/**
 * Chooses the next step. Any number of replicas may choose from views of different age: each write carries the
 * resourceVersion of what was seen, and no leaf is served before its CA stands in the caBundle.
 */
export function plan(view: View, pace: Pace): Step {
  const { kept, now } = view
  const authority = alive(kept.authority, now)
  if (authority === null) return startOver(view)
  const leaf = alive(kept.leaf, now)
  if (leaf === null || leaf.issuer !== authority.id) return { step: 'renew', authority, names: view.names }
  if (!covers(leaf.names, view.names)) {
    // With the names it has: during an upgrade replicas may want different ones, and each would undo the other's.
    return { step: 'renew', authority, names: [...new Set([...leaf.names, ...view.names])] }
  }
  return adopt(view, { authority, leaf }) ?? rotate(view, { authority, leaf }, pace)
}

/** Those that the caBundle must hold. */
export function wanted(kept: Kept, now: number): readonly TrustedAuthority[] {
  return [kept.authority, kept.next, ...stillTrusted(kept, now)].flatMap((one) => alive(one, now) ?? [])
}

/** The CAs before this one, until every replica has long taken up a leaf of this one. */
export function stillTrusted({ leaf, previous }: Kept, now: number): readonly TrustedAuthority[] {
  const servedForMs = leaf === null ? 0 : now - (leaf.notBefore + BACKDATE_MS)
  return servedForMs < RETIRE_PREVIOUS_MS ? previous : []
}

function startOver({ serving, now }: View): Step {
  const usable =
    serving !== null && alive(serving.authority, now) !== null && alive(serving.leaf, now) !== null
  return usable ? { step: 'restore', serving } : { step: 'found' }
}

function adopt({ kept, trusted, serving, now }: View, present: Serving): Step | null {
  const isTrusted = trusted === null || trusted.includes(present.authority.id)
  if (serving?.leaf.id !== present.leaf.id && isTrusted) return { step: 'serve', serving: present }
  const authorities = wanted(kept, now)
  if (trusted !== null && !isSame(trusted, authorities)) return { step: 'publish', authorities }
  return null
}

function rotate(view: View, { authority, leaf }: Serving, { lifetimes, propagationMs }: Pace): Step {
  const { kept, now } = view
  const next = alive(kept.next, now)
  if (next !== null) return view.trustedForMs >= propagationMs ? { step: 'promote', next } : { step: 'rest' }
  // A CA that a new leaf would outlive is due.
  const authorityIsDue = authority.notAfter - now < lifetimes.leaf
  if (authorityIsDue || kept.requested === 'ca') return { step: 'stage' }
  const renewAt = leaf.notBefore + RENEW_AFTER * (leaf.notAfter - leaf.notBefore)
  if (now >= renewAt || kept.requested === 'leaf') return { step: 'renew', authority, names: view.names }
  return { step: 'rest' }
}

function alive<T extends TrustedAuthority>(certified: T | null, now: number): T | null {
  return certified !== null && certified.notBefore <= now && now < certified.notAfter ? certified : null
}

function isSame(ids: readonly string[], authorities: readonly TrustedAuthority[]): boolean {
  return ids.length === authorities.length && authorities.every(({ id }) => ids.includes(id))
}
