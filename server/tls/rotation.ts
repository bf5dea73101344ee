import {
  type Authority,
  BACKDATE_MS,
  covers,
  issueAuthority,
  issueLeaf,
  type Leaf,
  type Lifetimes,
  type TrustedAuthority,
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

/** The state from which the next step is chosen. */
export interface View {
  /** Milliseconds since the epoch by the API server's clock. */
  readonly now: number
  /** The names under which API servers call the webhook. */
  readonly names: readonly string[]
  readonly kept: Kept
  /** The caBundle: the ids of all certificates, those that are not ours included, and the CAs. Null if there is no webhook. */
  readonly bundle: {
    readonly trusted: readonly string[]
    readonly authorities: readonly TrustedAuthority[]
  } | null
  /** Milliseconds for which this replica has seen every wanted CA in the caBundle. */
  readonly trustedForMs: number
  readonly serving: Serving | null
}

/** A step, after which the state is read again. */
export type Step =
  /** Nothing to do for now. */
  | { readonly kind: 'rest' }
  | { readonly kind: 'serve'; readonly serving: Serving }
  /** Write these CAs, and no others, into the caBundle. */
  | { readonly kind: 'publish'; readonly authorities: readonly TrustedAuthority[] }
  /** Write this into the Secret. */
  | { readonly kind: 'store'; readonly why: Why; readonly kept: Kept }

type Why =
  /** The Secret has nothing usable, and nobody trusts anything: a CA and a leaf are new. */
  | 'found'
  /** The Secret was emptied, but this replica still serves its leaf. */
  | 'restore'
  /** A new CA is introduced beside those that API servers trust until then. */
  | 'stage'
  /** The new CA and a leaf of it replace the current ones. */
  | 'promote'
  /** The leaf is new. */
  | 'renew'

export interface Pace {
  readonly lifetimes: Lifetimes
  /** Milliseconds that API servers get to see a changed caBundle. They watch it, so a second is usually enough. */
  readonly propagationMs: number
}

/** A leaf is renewed when a third of its lifetime is left. That leaves a month to notice a failing renewal. */
const RENEW_AFTER = 2 / 3
/** Replicas reconcile every 15 s. A replica that did not for an hour is considered gone. */
const RETIRE_PREVIOUS_MS = 60 * 60 * 1000
/** Bounds the caBundle, however often an operator requests a new CA. */
const MAX_PREVIOUS = 3

const EMPTY: Kept = { authority: null, leaf: null, next: null, previous: [], requested: null }
const REST: Step = { kind: 'rest' }

/**
 * Chooses the next step. Replicas may choose from views of different age: each write carries the resourceVersion that
 * was read, and no leaf is served before its CA is in the caBundle. Generates keys, and has no other effect.
 */
export function plan(view: View, pace: Pace): Step {
  const { kept, names, now } = view
  const authority = alive(kept.authority, now)
  if (authority === null) return startOver(view, pace)
  const leaf = alive(kept.leaf, now)
  if (leaf === null || leaf.issuer !== authority.id) return renew(view, authority, names, pace)
  // Keep the existing names: during an upgrade, replicas want different names and would undo each other's leaf.
  if (!covers(leaf.names, names)) return renew(view, authority, [...new Set([...leaf.names, ...names])], pace)
  return serve(view, { authority, leaf }) ?? publish(view) ?? rotate(view, { authority, leaf }, pace)
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
  const { kept, bundle, serving, names, now } = view
  if (serving !== null && alive(serving.authority, now) !== null && alive(serving.leaf, now) !== null)
    return { kind: 'store', why: 'restore', kept: { ...EMPTY, ...serving } }
  const next = alive(kept.next, now)
  if (next !== null) return publish(view) ?? promote(view, next, pace)
  const beside = (bundle?.authorities ?? []).filter((authority) => alive(authority, now) !== null)
  if (beside.length > 0) return stage(view, beside, pace)
  const authority = issueAuthority(now, pace.lifetimes)
  const leaf = issueLeaf(authority, names, now, pace.lifetimes)
  return { kind: 'store', why: 'found', kept: { ...EMPTY, authority, leaf } }
}

function serve({ bundle, serving }: View, present: Serving): Step | null {
  const isTrusted = bundle === null || bundle.trusted.includes(present.authority.id)
  return isTrusted && serving?.leaf.id !== present.leaf.id ? { kind: 'serve', serving: present } : null
}

function publish({ kept, bundle, now }: View): Step | null {
  const authorities = wanted(kept, now)
  return bundle === null || isSame(bundle.trusted, authorities) ? null : { kind: 'publish', authorities }
}

function rotate(view: View, { authority, leaf }: Serving, pace: Pace): Step {
  const { kept, names, now } = view
  const next = alive(kept.next, now)
  if (next !== null) return promote(view, next, pace)
  // A CA is due when a new leaf would outlive it.
  const authorityIsDue = authority.notAfter - now < pace.lifetimes.leaf
  if (authorityIsDue || kept.requested === 'ca') return stage(view, stillTrusted(kept, now), pace)
  const renewAt = leaf.notBefore + RENEW_AFTER * (leaf.notAfter - leaf.notBefore)
  return now >= renewAt || kept.requested === 'leaf' ? renew(view, authority, names, pace) : REST
}

function stage({ kept, now }: View, beside: readonly TrustedAuthority[], { lifetimes }: Pace): Step {
  const next = issueAuthority(now, lifetimes)
  const previous = beside.slice(0, MAX_PREVIOUS)
  return { kind: 'store', why: 'stage', kept: { ...kept, previous, next, requested: null } }
}

function promote({ kept, names, now, trustedForMs }: View, next: Authority, pace: Pace): Step {
  if (trustedForMs < pace.propagationMs) return REST
  const leaf = issueLeaf(next, names, now, pace.lifetimes)
  const replaced = kept.authority === null ? [] : [withoutKey(kept.authority)]
  const previous = [...replaced, ...stillTrusted(kept, now)].slice(0, MAX_PREVIOUS)
  return { kind: 'store', why: 'promote', kept: { ...EMPTY, authority: next, leaf, previous } }
}

/** A replaced CA stays trusted for a while, but signs nothing any more. */
function withoutKey({ key: _deleted, ...trusted }: Authority): TrustedAuthority {
  return trusted
}

function renew({ kept, now }: View, authority: Authority, names: readonly string[], pace: Pace): Step {
  const leaf = issueLeaf(authority, names, now, pace.lifetimes)
  const requested = kept.requested === 'leaf' ? null : kept.requested
  return {
    kind: 'store',
    why: 'renew',
    kept: { ...kept, previous: stillTrusted(kept, now), leaf, requested },
  }
}

function alive<T extends TrustedAuthority>(certified: T | null, now: number): T | null {
  return certified !== null && certified.notBefore <= now && now < certified.notAfter ? certified : null
}

function isSame(ids: readonly string[], authorities: readonly TrustedAuthority[]): boolean {
  return ids.length === authorities.length && authorities.every(({ id }) => ids.includes(id))
}
