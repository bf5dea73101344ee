/** Sequences that broke an invariant once, by world. None does any more: the moves, with semicolons between. */
export const mended: Readonly<Record<string, readonly string[]>> = {
  'a newcomer and two liars': [
    'newcomer boots; stranger reports a1',
    'liar reports a1; newcomer boots; stranger reports a1; stranger asks',
    'newcomer starts; liar reports a1; liar asks',
    'newcomer registers; liar reports a1; liar asks',
  ],
  'a newcomer, proof required': [
    'newcomer boots; stranger reports a1',
    'liar reports a1; newcomer boots; stranger reports a1; stranger asks',
  ],
  'a newcomer, proof wished for': ['newcomer starts; liar reports a1; liar asks'],
  'a certificate that expired': [
    'newcomer boots; liar reports a1',
    'newcomer starts; liar reports a1; liar asks',
  ],
  'more addresses than dials': ['liar reports a4; liar asks'],
  'many silent addresses': ['liar reports only a5 a6; liar asks', 'liar reports only a5 a6 a4; liar asks'],
  'silent addresses one after the other': [
    'liar reports a5; liar asks; liar reports a6; time passes; liar asks',
    'liar reports a6; liar asks; liar reports a5; time passes; liar asks',
  ],
  'a former holder': [
    'liar reports a1; holder boots',
    'liar reports a1; liar asks; holder boots; liar asks',
    'liar reports a1; liar asks; holder boots; holder asks; holder is deleted; liar asks',
  ],
  'a holder of two addresses': ['liar reports a1; liar asks, answering at a1'],
  'a ledger that is lost': ['liar reports a1; the ledger is lost; liar asks, answering at a1'],
  'short lifetimes': [
    'liar reports db; time passes',
    'liar reports a1; time passes; liar asks, answering at a1',
  ],
  'a Node that is deleted': ['holder is deleted; holder registers; holder is set up again; liar reports db'],
  'a full ledger': [
    'holder is deleted; holder is switched off; liar-34 reports a1; time passes; liar-34 asks',
  ],
  'an address that moves on': ['heir takes a1; heir reports; holder asks'],
  'a network that is cut': ['the network is cut; liar reports a5 a6; the controller restarts; liar asks'],
  'a ledger with no room': [
    'liar-1 reports www one two three four five six seven eight nine; liar-1 asks; liar-1 asks; holder asks',
  ],
  'a machine in place of another': [
    'liar reports a1; time passes; time passes; liar asks; heir boots; liar asks',
  ],
  'the name of a Node to come': [
    'liar reports new.example; liar asks; new.example boots',
    'liar reports new.example; liar asks; new.example boots; liar asks',
    'liar reports new.example; liar asks; liar reports; new.example boots',
    'liar reports new.example; liar asks; liar is deleted; liar registers; liar reports new.example; new.example boots; liar asks',
  ],
  'the plain name of a Node to come': ['liar reports newcomer; liar asks; newcomer boots; liar asks'],
  'a ledger that is cut off': [
    'holder is deleted; liar reports a1; liar asks, answering at a1; holder boots; liar asks',
  ],
}
