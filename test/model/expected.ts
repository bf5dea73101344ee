/**
 * What the model finds and is not mended yet, each with its shortest sequence. A row whose sequence shows nothing any more
 * fails the test: take it out. What is found anew fails it too: mend it.
 */
import type { Invariant } from './invariants.ts'

interface Expected {
  readonly world: string
  readonly invariant: Invariant
  readonly value: string
  /** What it comes from. */
  readonly because: string
  /** The moves, with semicolons between. */
  readonly sequence: string
}

const ONE_RIVAL = 'one rival of a value counts, and one that was served frees the address for all'
const BARE_CLAIM =
  'a claim that came later, or while the address was silent, weighs as much as the newcomer’s'
const LEFT_OUT = 'an address that was not dialled counts as nobody’s'
const OWN_FIRST = 'a Node’s own earlier grant comes before who answers there'
const BLIND = 'so many silent addresses of one Node switch the probe and the limit off'
const LAST_FIRST = 'of what was left, the last is forgotten first, and counts no more'
const NAMES_TO_COME = 'a name that nothing proves is kept from the Node that bears it'
const SAMPLED = 'what an address shows is looked at only when somebody asks'
const ELSEWHERE = 'a holder that answers at another of its addresses has lost this one'
const NOT_DIALLED = 'a holder taken from a stored CSR was never dialled, which counts as never answered'
const EXPIRED = 'with its certificate a Node’s grants end, and it counts as new'
const EVICTED = 'a shard that is too large forgets who is gone, whenever that was'
const FIRST_DIRTY = 'the first ConfigMap that has changed is written first, also where that fails each time'
const UNREAD = 'without the ledger, a moment at an address is proof enough'

export const expected: readonly Expected[] = [
  {
    world: 'a newcomer and two liars',
    invariant: 'life',
    value: 'newcomer',
    because: BARE_CLAIM,
    sequence: 'newcomer boots; stranger reports a1',
  },
  {
    world: 'a newcomer and two liars',
    invariant: 'rivals',
    value: 'a1',
    because: ONE_RIVAL,
    sequence: 'liar reports a1; newcomer boots; stranger reports a1; stranger asks',
  },
  {
    world: 'a newcomer and two liars',
    invariant: 'unseen',
    value: 'a1',
    because: OWN_FIRST,
    sequence:
      'newcomer boots; newcomer is deleted; stranger reports a1; stranger asks; newcomer registers; stranger asks',
  },
  {
    world: 'a newcomer, proof required',
    invariant: 'life',
    value: 'newcomer',
    because: BARE_CLAIM,
    sequence: 'newcomer boots; stranger reports a1',
  },
  {
    world: 'a newcomer, proof required',
    invariant: 'rivals',
    value: 'a1',
    because: ONE_RIVAL,
    sequence: 'liar reports a1; newcomer boots; stranger reports a1; stranger asks',
  },
  {
    world: 'a certificate that expired',
    invariant: 'life',
    value: 'newcomer',
    because: EXPIRED,
    sequence: 'newcomer boots; liar reports a1',
  },
  {
    world: 'a certificate that expired',
    invariant: 'rivals',
    value: 'a1',
    because: EXPIRED,
    sequence: 'newcomer starts; liar reports a1; liar asks',
  },
  {
    world: 'more addresses than dials',
    invariant: 'unseen',
    value: 'a4',
    because: LEFT_OUT,
    sequence: 'liar reports a4; liar asks',
  },
  {
    world: 'many silent addresses',
    invariant: 'budget',
    value: 'a6',
    because: BLIND,
    sequence: 'liar reports only a5 a6; liar asks',
  },
  {
    world: 'many silent addresses',
    invariant: 'blind',
    value: 'a4',
    because: BLIND,
    sequence: 'liar reports only a5 a6 a4; liar asks',
  },
  {
    world: 'silent addresses one after the other',
    invariant: 'budget',
    value: 'a6',
    because: LAST_FIRST,
    sequence: 'liar reports a5; liar asks; liar reports a6; time passes; liar asks',
  },
  {
    world: 'silent addresses one after the other',
    invariant: 'budget',
    value: 'a5',
    because: LAST_FIRST,
    sequence: 'liar reports a6; liar asks; liar reports a5; time passes; liar asks',
  },
  {
    world: 'the name of a Node to come',
    invariant: 'life',
    value: 'new.example',
    because: NAMES_TO_COME,
    sequence: 'liar reports new.example; liar asks; new.example boots',
  },
  {
    world: 'the name of a Node to come',
    invariant: 'kept',
    value: 'new.example',
    because: NAMES_TO_COME,
    sequence: 'liar reports new.example; liar asks; new.example boots; liar asks',
  },
  {
    world: 'a former holder',
    invariant: 'life',
    value: 'holder',
    because: BARE_CLAIM,
    sequence: 'liar reports a1; holder boots',
  },
  {
    world: 'a former holder',
    invariant: 'rivals',
    value: 'a1',
    because: OWN_FIRST,
    sequence: 'liar reports a1; liar asks; holder boots; liar asks',
  },
  {
    world: 'a former holder',
    invariant: 'unseen',
    value: 'a1',
    because: OWN_FIRST,
    sequence: 'liar reports a1; holder boots; holder is deleted; liar asks; holder registers; liar asks',
  },
  {
    world: 'a former holder',
    invariant: 'answers',
    value: 'a1',
    because: OWN_FIRST,
    sequence: 'liar reports a1; liar asks; holder boots; holder asks; holder is deleted; liar asks',
  },
  {
    world: 'a moment at an address',
    invariant: 'moment',
    value: 'a1',
    because: SAMPLED,
    sequence:
      'holder is switched off; liar reports a1; liar asks, answering at a1; time passes; liar asks, answering at a1; time passes; liar asks, answering at a1',
  },
  {
    world: 'a holder of two addresses',
    invariant: 'moment',
    value: 'a1',
    because: ELSEWHERE,
    sequence: 'liar reports a1; liar asks, answering at a1',
  },
  {
    world: 'a ledger that is lost',
    invariant: 'moment',
    value: 'a1',
    because: NOT_DIALLED,
    sequence: 'liar reports a1; the ledger is lost; liar asks, answering at a1',
  },
  {
    world: 'short lifetimes',
    invariant: 'life',
    value: 'holder',
    because: EXPIRED,
    sequence: 'liar reports db; time passes',
  },
  {
    world: 'short lifetimes',
    invariant: 'moment',
    value: 'a1',
    because: EXPIRED,
    sequence: 'liar reports a1; time passes; liar asks, answering at a1',
  },
  {
    world: 'a Node that is deleted',
    invariant: 'life',
    value: 'holder',
    because: BARE_CLAIM,
    sequence: 'holder is deleted; holder registers; holder is set up again; liar reports db',
  },
  {
    world: 'a full ledger',
    invariant: 'leaving',
    value: 'a1',
    because: EVICTED,
    sequence: 'holder is deleted; holder is switched off; liar-34 reports a1; time passes; liar-34 asks',
  },
  {
    world: 'an address that moves on',
    invariant: 'unseen',
    value: 'a1',
    because: OWN_FIRST,
    sequence: 'heir takes a1; heir reports; holder asks',
  },
  {
    world: 'a network that is cut',
    invariant: 'budget',
    value: 'a6',
    because: BLIND,
    sequence: 'the network is cut; liar reports a5 a6; the controller restarts; liar asks',
  },
  {
    world: 'a ledger with no room',
    invariant: 'written',
    value: 'ledger',
    because: FIRST_DIRTY,
    sequence:
      'liar-1 reports www one two three four five six seven eight nine; liar-1 asks; liar-1 asks; holder asks',
  },
  {
    world: 'a machine in place of another',
    invariant: 'rivals',
    value: 'a1',
    because: OWN_FIRST,
    sequence: 'liar reports a1; time passes; time passes; liar asks; heir boots; liar asks',
  },
  {
    world: 'the plain name of a Node to come',
    invariant: 'kept',
    value: 'newcomer',
    because: NAMES_TO_COME,
    sequence: 'liar reports newcomer; liar asks; newcomer boots; liar asks',
  },
  {
    world: 'a ledger that is cut off',
    invariant: 'moment',
    value: 'a1',
    because: UNREAD,
    sequence: 'liar reports a1; liar asks, answering at a1',
  },
  {
    world: 'a newcomer, proof required',
    invariant: 'unseen',
    value: 'a1',
    because: OWN_FIRST,
    sequence: 'newcomer starts; stranger reports a1; stranger asks; newcomer registers; stranger asks',
  },
  {
    world: 'a ledger that is cut off',
    invariant: 'unseen',
    value: 'a1',
    because: OWN_FIRST,
    sequence: 'holder is deleted; liar reports a1; liar asks, answering at a1; holder boots; liar asks',
  },
]
