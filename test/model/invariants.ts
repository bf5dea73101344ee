/** What must never be, whatever happened before: the invariants of ownership, told by the truth. */
import type { Look } from './machines.ts'
import { addressOf, isAddress } from './spec.ts'
import type { Asking, World } from './world.ts'

/** Each invariant by its short name. */
export const invariants = {
  unseen: 'an address that was not looked at is not free',
  blind: 'one Node’s mass blinds nobody: where kubelets answer, what they show counts',
  answers: 'who answers outweighs who claims',
  rivals: 'every rival counts: a newcomer’s address is nobody else’s',
  kept: 'a grant holds while its Node exists',
  moment: 'a moment at an address is not ten minutes',
  leaving: 'what was left less than ten minutes ago goes only to who answers there',
  budget: 'a Node holds no more than so much without proof',
  strict: 'under `require` nobody is granted a silent address, or a name that leads elsewhere',
  vouched: 'what a source of truth says outweighs everything else',
  written: 'a ConfigMap that cannot be written does not keep others from it',
  life: 'honest life never waits for a person',
} as const
export type Invariant = keyof typeof invariants

export interface Wrong {
  readonly invariant: Invariant
  readonly value: string
}

interface Approval extends Asking {
  /** What the controller saw for it. */
  readonly looks: readonly Look[]
}

/** What an approval breaks. */
export function wrongsOf(world: World, node: string, approval: Approval): readonly Wrong[] {
  const each = approval.values.flatMap((value) => {
    const invariant = wrongValue(world, node, value, approval)
    return invariant === null ? [] : [{ invariant, value }]
  })
  return each.length > 0 ? each : overBudget(world, node, approval)
}

function wrongValue(world: World, node: string, value: string, approval: Approval): Invariant | null {
  const vouched = world.vouched.get(value)
  if (vouched !== undefined) return vouched === node ? null : 'vouched'
  return isAddress(value)
    ? wrongAddress(world, node, value, approval)
    : wrongName(world, node, value, approval)
}

function wrongAddress(world: World, node: string, value: string, approval: Approval): Invariant | null {
  const { machines } = world
  if (machines.ownerOf(value) === node) return null
  if (approval.answering.includes(value)) return wrongMoment(world, node, value)
  const at = machines.isCut ? 'off' : machines.at(value)
  if (at === 'off') return wrongSilence(world, node, value)
  const owner = machines.ownerOf(value) ?? ''
  if (at === 'waiting') return wrongRival(world, { node, owner, value }, approval)
  if (!isRecent(world, owner) || isUncontested(world, node, value)) return null
  return notSeen(world, value, approval)
}

/** A kubelet that was granted a certificate answers there, and the controller did not see it, or did not mind. */
function notSeen(_world: World, value: string, { looks }: Approval): Invariant {
  return looks.some(({ address }) => address === addressOf(value)) ? 'answers' : 'unseen'
}

/** A kubelet of another machine waits there. */
function wrongRival(
  world: World,
  { node, owner, value }: { readonly node: string; readonly owner: string; readonly value: string },
  approval: Approval,
): Invariant | null {
  const { truth } = world
  // The second before a newcomer registers is open to whoever is new as well.
  if (!truth.reports(owner, value)) return truth.wasServed(node) ? 'rivals' : null
  if (isUncontested(world, node, value)) return null
  const seen = notSeen(world, value, approval)
  if (seen !== 'answers') return seen
  return truth.wasServed(owner) ? 'kept' : 'rivals'
}

/** The requester answers there for the moment, having the network for it. */
function wrongMoment(world: World, node: string, value: string): Invariant | null {
  const holder = world.truth.holderOf(value)
  if (holder === undefined || holder.node === node) return null
  if (holder.leftAt === null) return 'moment'
  return world.machines.at(value) === 'serving' && isRecent(world, holder.node) ? 'moment' : null
}

function wrongSilence(world: World, node: string, value: string): Invariant | null {
  const holder = world.truth.holderOf(value)
  if (holder !== undefined && holder.node !== node) {
    if (holder.leftAt === null) return 'kept'
    if (world.now() - holder.leftAt < world.limits.goneAfterMs) return 'leaving'
  }
  if (holder?.node === node) return null
  const owner = world.machines.ownerOf(value)
  // Its machine is off, or nobody is reached.
  if (owner !== null && world.truth.reports(owner, value)) return 'rivals'
  return world.isStrict ? 'strict' : null
}

function wrongName(world: World, node: string, value: string, approval: Approval): Invariant | null {
  const { truth, nodes } = world
  if (isOwnName(world, node, value)) return null
  if (nodes.get(value) !== undefined) return 'kept'
  const holder = truth.holderOf(value)
  if (isLeadingElsewhere(world, node, value)) return 'strict'
  if (holder === undefined || holder.node === node) return null
  if (holder.leftAt === null) return 'kept'
  const isFree = world.now() - holder.leftAt >= world.limits.goneAfterMs
  return isFree || movesFrom(world, holder.node, node, approval) ? null : 'leaving'
}

function isOwnName({ spec: { names = {} } }: World, node: string, value: string): boolean {
  return value === node || names[value] === node
}

/** A name moves with an address of its holder. */
function movesFrom({ machines, truth }: World, holder: string, node: string, { values }: Approval): boolean {
  return values.some(
    (one) => isAddress(one) && machines.ownerOf(one) === node && truth.holderOf(one)?.node === holder,
  )
}

/** Where names must be proven, it was not granted to the Node before, and does not lead to it. */
function isLeadingElsewhere(world: World, node: string, value: string): boolean {
  const isNew = world.truth.holderOf(value)?.node !== node
  return isNew && world.isStrictForNames && !world.isNameOf(value, node)
}

/** A Node’s own grant needs no look while nobody else reports it, or was granted it since. */
function isUncontested({ truth }: World, node: string, value: string): boolean {
  const others = [...truth.reported.keys()].filter((other) => other !== node && truth.reports(other, value))
  return truth.lastGrantee(value) === node && others.length === 0
}

/** Whether a Node exists, or did so less than ten minutes ago. */
function isRecent(world: World, node: string): boolean {
  const { nodes, truth, limits } = world
  const goneAt = truth.goneAt(node)
  return nodes.get(node) !== undefined || (goneAt !== undefined && world.now() - goneAt < limits.goneAfterMs)
}

/** Those of a day count, a new one each day beyond. */
function overBudget(world: World, node: string, { values, answering }: Approval): readonly Wrong[] {
  const { machines, truth, limits } = world
  const since = world.now() - limits.unprovenForgottenMs
  const all = truth.unprovenSince(node, since)
  const isUnproven = (value: string): boolean =>
    isAddress(value)
      ? machines.ownerOf(value) !== node && !answering.includes(value)
      : !world.usesSource && value !== node && !world.isNameOf(value, node)
  for (const value of values) if (isUnproven(value)) all.add(value)
  const [value = ''] = [...all].toReversed()
  return all.size > limits.unprovenMax ? [{ invariant: 'budget', value }] : []
}
