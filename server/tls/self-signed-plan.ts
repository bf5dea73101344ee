import {
  type Authority,
  BACKDATE_MS,
  covers,
  type Leaf,
  type Lifetimes,
  type TrustedAuthority,
  issueAuthority,
  issueLeaf,
} from './authority.ts'

/** The content of the Secret, shared by all replicas. A missing or unusable part is null. */
export interface Kept {
  /** The CA that signs the leaf. */
  readonly authority: Authority | null
  readonly leaf: Leaf | null
  /** A new CA that is being added to the caBundle. It has not signed a served leaf yet. */
  readonly next: Authority | null
  /** Previous CAs without keys. A replica may still serve a leaf of theirs. */
  readonly previous: readonly TrustedAuthority[]
  /** The rotation that an operator requested by annotation. */
  readonly requested: 'leaf' | 'ca' | null
}

/** The leaf that this replica serves, and the CA that signed it. */
export interface Serving {
  readonly authority: Authority
  readonly leaf: Leaf
}

/** The CAs that API servers trust for the webhook. */
interface TrustedBundle {
  /** The ids of all certificates, those that are not ours included. */
  readonly trusted: readonly string[]
  readonly authorities: readonly TrustedAuthority[]
}

/** The state from which the next step is chosen. */
export interface View {
  /** Milliseconds since the epoch by the API server's clock. */
  readonly now: number
  /** The names under which API servers call the webhook. */
  readonly names: readonly string[]
  readonly kept: Kept
  /** The caBundle. Null if there is no such webhook. */
  readonly bundle: TrustedBundle | null
  /** Milliseconds for which this replica has seen every wanted CA in the caBundle. */
  readonly trustedForMs: number
  readonly serving: Serving | null
}

/** A step, after which the state is read again. `rest`: nothing to do for now. */
export type Step =
  /** The Secret has nothing usable: issue a CA and a leaf. */
  | { readonly step: 'found' }
  /** The Secret was emptied, but this replica still serves its leaf: write it back. */
  | { readonly step: 'restore'; readonly serving: Serving }
  | { readonly step: 'serve'; readonly serving: Serving }
  /** Write these CAs, and no others, into the caBundle. */
  | { readonly step: 'publish'; readonly authorities: readonly TrustedAuthority[] }
  /** Add a new CA beside those that API servers trust until then. */
  | { readonly step: 'stage'; readonly beside: readonly TrustedAuthority[] }
  /** Issue a leaf with the new CA, verify it, and replace the current CA and leaf with both. */
  | { readonly step: 'promote'; readonly next: Authority }
  | { readonly step: 'renew'; readonly authority: Authority; readonly names: readonly string[] }
  | { readonly step: 'rest' }

export interface Pace {
  readonly lifetimes: Lifetimes
  /** Milliseconds that API servers get to see a changed caBundle. They watch it, so a second is usually enough. */
  readonly propagationMs: number
}

/** A leaf is renewed when a third of its lifetime is left. That leaves a month to notice a failing renewal. */
const RENEW_AFTER = 2 / 3
/** Replicas reconcile every 15 s. A replica that did not for an hour is considered gone. */
const RETIRE_PREVIOUS_MS = 60 * 60 * 1000

/**
 * Chooses the next step. Replicas may choose from views of different age: each write carries the resourceVersion that
 * was read, and no leaf is served before its CA is in the caBundle.
 */
export function plan(view: View, pace: Pace): Step {
  const { kept, now } = view
  const authority = alive(kept.authority, now)
  if (authority === null) return startOver(view, pace)
  const leaf = alive(kept.leaf, now)
  if (leaf === null || leaf.issuer !== authority.id) return { step: 'renew', authority, names: view.names }
  if (!covers(leaf.names, view.names)) {
    // Keep the existing names: during an upgrade, replicas want different names and would undo each other's leaf.
    return { step: 'renew', authority, names: [...new Set([...leaf.names, ...view.names])] }
  }
  return adopt(view, { authority, leaf }) ?? rotate(view, { authority, leaf }, pace)
}

/** The CAs that the caBundle must contain. */
export function wanted(kept: Kept, now: number): readonly TrustedAuthority[] {
  return [kept.authority, kept.next, ...stillTrusted(kept, now)].flatMap((ca) => alive(ca, now) ?? [])
}

/** The previous CAs, until every replica has had an hour to serve a leaf of the current CA. */
export function stillTrusted({ leaf, previous }: Kept, now: number): readonly TrustedAuthority[] {
  // Without an issuer it is a leaf of theirs, which the next CA replaces.
  const servedForMs = leaf === null || leaf.issuer === null ? 0 : now - (leaf.notBefore + BACKDATE_MS)
  return servedForMs < RETIRE_PREVIOUS_MS ? previous : []
}

/**
 * The Secret has no usable CA. A webhook in another process may still serve a leaf of a CA in the caBundle, until it reads
 * the Secret again. A new CA is therefore added to the caBundle before it signs, and replaces none.
 */
function startOver(view: View, pace: Pace): Step {
  const { kept, bundle, serving, now } = view
  const usable =
    serving !== null && alive(serving.authority, now) !== null && alive(serving.leaf, now) !== null
  if (usable) return { step: 'restore', serving }
  const next = alive(kept.next, now)
  if (next !== null) return publish(view) ?? promote(view, next, pace)
  const beside = (bundle?.authorities ?? []).filter((authority) => alive(authority, now) !== null)
  return beside.length > 0 ? { step: 'stage', beside } : { step: 'found' }
}

function adopt(view: View, present: Serving): Step | null {
  const { bundle, serving } = view
  const isTrusted = bundle === null || bundle.trusted.includes(present.authority.id)
  if (serving?.leaf.id !== present.leaf.id && isTrusted) return { step: 'serve', serving: present }
  return publish(view)
}

function publish({ kept, bundle, now }: View): Step | null {
  const authorities = wanted(kept, now)
  return bundle !== null && !isSame(bundle.trusted, authorities) ? { step: 'publish', authorities } : null
}

function promote({ trustedForMs }: View, next: Authority, { propagationMs }: Pace): Step {
  return trustedForMs >= propagationMs ? { step: 'promote', next } : { step: 'rest' }
}

function rotate(view: View, { authority, leaf }: Serving, pace: Pace): Step {
  const { kept, now } = view
  const next = alive(kept.next, now)
  if (next !== null) return promote(view, next, pace)
  // A CA is due when a new leaf would outlive it.
  const authorityIsDue = authority.notAfter - now < pace.lifetimes.leaf
  if (authorityIsDue || kept.requested === 'ca') return { step: 'stage', beside: stillTrusted(kept, now) }
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
    case 'stage': {
      const beside = change.beside.slice(0, MAX_PREVIOUS)
      return { ...kept, previous: beside, next: issueAuthority(now, lifetimes), requested: null }
    }
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
