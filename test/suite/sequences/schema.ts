/** What the files of sequences may say; part of ../schema.json. */
import { type Static, Type } from 'typebox'
import { closed, flag, oneOf, text, texts, version } from '../schema-parts.ts'

const VERBS = {
  machine:
    'A machine with these addresses, whose kubelet waits for its first certificate. There is no Node yet.',
  register: 'The Node of a machine is created, and reports its names and addresses.',
  join: 'machine, then register.',
  serve: 'join; a second later it asks and must be served; then 15 s pass.',
  ask: 'Its kubelet asks for what its Node reports, unless it wants less, and serves the certificate that it gets.',
  report: 'The Node reports other names and addresses; its machine stays as it is.',
  has: 'The machine has other addresses; its Node stays as it is.',
  move: 'has, then report.',
  delete: 'The Node is deleted.',
  reinstall: 'The machine is set up again: its kubelet has no certificate.',
  switchOff: 'Nothing answers at the addresses of the machine.',
  selfMade: 'The kubelet serves a certificate that it made itself.',
  servedByAnother: 'The kubelet serves a certificate of the cluster for its Node, of which no CSR is known.',
  lie: 'The Node reports these addresses, and beside them the name or the address that is attacked.',
  pass: 'Time passes.',
  collectCsrs: 'What was granted is written to the ledger, and Kubernetes deletes the CSRs after an hour.',
  noteInLedger: 'What happened is written to the ledger.',
  damageLedger: 'collectCsrs; the ledger is damaged, and the approver starts anew.',
} as const
type Verb = keyof typeof VERBS
const verbs = Object.keys(VERBS).filter((verb): verb is Verb => verb in VERBS)

export const damages = ['deleted', 'garbled', 'truncated', 'newer'] as const
export type Damage = (typeof damages)[number]

const asking = {
  key: Type.Optional(text('Whoever asks with the same word has the same key; default a new one.')),
  csr: Type.Optional(text('The name of the CSR.')),
}

const step = closed({
  do: oneOf(
    verbs,
    Object.entries(VERBS)
      .map(([verb, does]) => `${verb}: ${does}`)
      .join('\n'),
  ),
  node: Type.Optional(Type.String()),
  names: Type.Optional(texts('Besides the name of the Node.')),
  addresses: Type.Optional(Type.Array(Type.String())),
  controlPlane: flag('The Node has the role of the control plane.'),
  wants: Type.Optional(texts('From now on its kubelet asks for these addresses only, and what is attacked.')),
  ms: Type.Optional(Type.Integer()),
  how: Type.Optional(oneOf(damages)),
  ...asking,
})
const steps = Type.Array(step)

const inventory = Type.Union([
  closed({
    vouches: Type.Union([Type.Literal('asked'), Type.Array(Type.String())], {
      description: 'The addresses that it says are the asking node’s; asked: whatever is asked for.',
    }),
    shared: flag('It says the same of other nodes.'),
  }),
  closed({ fails: text('Why it says nothing.') }),
])

const sequence = closed({
  id: text('Unique in its file.'),
  title: Type.String(),
  steps,
  asks: text('The node that asks in the end.'),
  ...asking,
  sources: Type.Optional(closed({ inventory, onAddition: Type.Optional(Type.Literal('requireSource')) })),
  withinMinutes: Type.Optional(
    Type.Integer({ description: 'Its kubelet asks for so long until it is served; default once.' }),
  ),
  needsProbe: flag('It cannot be decided without a look at who answers at the address.'),
  expected: Type.Optional(closed({ decision: Type.Literal('notYet'), reason: Type.String() })),
})

/** A victim or a liar of the matrix. */
const role = closed({
  title: Type.String(),
  steps,
  silent: flag('Nothing answers at its address.'),
  absent: flag('No Node reports what is attacked.'),
  waiting: flag('Its kubelet waits for a certificate.'),
  shown: flag('Its certificate shows whose the address is.'),
  keeps: Type.Optional(
    oneOf(
      ['always', 'whenDialled'],
      'When it is served whoever lies; default when its machine shows more than the liar’s.',
    ),
  ),
  new: flag('Its Node is younger than the victim’s.'),
})
const roles = Type.Array(role)

export const sequences = closed({ version, title: Type.String(), sequences: Type.Array(sequence) })
export const matrix = closed({
  version,
  title: Type.String(),
  victim: Type.String(),
  attacked: closed({ name: Type.String(), address: Type.String() }),
  holder: Type.Array(step, { description: 'The victim was granted what is attacked.' }),
  newcomer: Type.Array(step, { description: 'It reports it, and that is all.' }),
  holders: roles,
  newcomers: roles,
  liars: roles,
})

export type Step = Static<typeof step>
export type Sequence = Static<typeof sequence>
export type Role = Static<typeof role>
export type SequencesFile = Static<typeof sequences>
export type MatrixFile = Static<typeof matrix>
