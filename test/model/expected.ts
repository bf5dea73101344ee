/**
 * What the model finds and is not mended yet, each with its shortest sequence. A row whose sequence shows nothing any more
 * fails the test: move it to mended.ts. What is found anew fails it too: mend it.
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

/** The threat model has each under what the ledger and the probe cannot do. */
const SAMPLED =
  'who answers at each look of ten minutes has answered for ten minutes: only who owns the network can, and that is believed'
/** Were it refused, a machine that was set up again would not be served while a liar reports its address. */
const BEFORE_REGISTERED =
  'what another got in the second before the newcomer registered is renewed, since a kubelet that waited counts as proof'
/** A machine that was set up again has new addresses as well, and looks the same. */
const SET_UP_AGAIN =
  'where a kubelet waits for more than a minute without a Node, one whose own certificate has expired gets its address'
const UNREAD = 'without the ledger and stored CSRs, a moment at an address is proof enough'

export const expected: readonly Expected[] = [
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
    because: SAMPLED,
    sequence:
      'holder is switched off; liar reports a1; liar asks, answering at a1; time passes; liar asks, answering at a1; time passes; liar asks, answering at a1',
  },
  {
    world: 'short lifetimes',
    invariant: 'moment',
    value: 'a1',
    because: SAMPLED,
    sequence:
      'liar reports a1; liar asks, answering at a1; time passes; liar asks, answering at a1; time passes; liar asks, answering at a1',
  },
  {
    world: 'a ledger that is cut off',
    invariant: 'moment',
    value: 'a1',
    because: UNREAD,
    sequence: 'liar reports a1; liar asks, answering at a1',
  },
  {
    world: 'a ledger that is lost',
    invariant: 'moment',
    value: 'a1',
    because: UNREAD,
    sequence: 'liar reports a1; time passes; the ledger is lost; liar asks, answering at a1',
  },
  {
    world: 'a newcomer, proof required',
    invariant: 'rivals',
    value: 'a1',
    because: BEFORE_REGISTERED,
    sequence: 'newcomer starts; stranger reports a1; stranger asks; stranger asks',
  },
  {
    world: 'a certificate that expired',
    invariant: 'rivals',
    value: 'a1',
    because: SET_UP_AGAIN,
    sequence: 'newcomer starts; liar reports a1; liar asks; time passes; liar asks',
  },
  {
    world: 'a newcomer and two liars',
    invariant: 'rivals',
    value: 'a1',
    because: BEFORE_REGISTERED,
    sequence: 'newcomer starts; stranger reports a1; stranger asks; stranger asks',
  },
  {
    world: 'a former holder',
    invariant: 'rivals',
    value: 'a1',
    because: BEFORE_REGISTERED,
    sequence: 'liar reports a1; holder boots; holder is deleted; liar asks; liar asks',
  },
]
