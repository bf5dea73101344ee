/** Honest life: whoever asks for what is its own is served, whatever the liars did before, and without a person. */
import type { Wrong } from './invariants.ts'
import { isAddress } from './spec.ts'
import type { World } from './world.ts'

/** Whom the world as it is keeps from its certificate. The world is of no use afterwards. */
export async function whoWaits(world: World): Promise<readonly Wrong[]> {
  const wrongs = await whatIsNotWritten(world)
  for (const node of world.spec.honest)
    if (isReady(world, node) && !isContested(world, node) && !(await isServed(world, node)))
      wrongs.push({ invariant: 'life', value: node })
  return wrongs
}

/** Of what fits into a ConfigMap. A write that failed is tried again after a few seconds, and each turn writes one. */
async function whatIsNotWritten(world: World): Promise<Wrong[]> {
  const { product, maps } = world
  for (let turn = 0; turn < 3 && product.unwritten().length > 0; turn += 1) {
    world.step()
    await world.keep()
  }
  // What cannot be read is left to a person.
  const mayNot = maps.areWritesHeld || world.isLedgerUnreadable
  const late = mayNot ? [] : product.unwritten().filter((text) => maps.fits(text))
  return late.slice(0, 1).map(() => ({ invariant: 'written', value: 'ledger' }))
}

/** Its machine runs, its Node reports what is its own, and what the controller cannot see it needs no more. */
function isReady(world: World, node: string): boolean {
  const { machines, nodes, maps } = world
  if (maps.areWritesHeld || (machines.isCut && !isWithinBudget(world, node))) return false
  if (world.isLedgerUnreadable && !isShownByItself(world, node)) return false
  const reported = world.reportedBy(node)
  const isOwn = reported.toSorted().join() === world.ownOf(node).toSorted().join()
  return isOwn && reported.some(isAddress) && machines.of(node).on && nodes.get(node) !== undefined
}

/** Where nobody is reached, addresses that nobody else claims are granted within the budget. */
function isWithinBudget(world: World, node: string): boolean {
  const { truth, limits, isStrict } = world
  const own = world.reportedBy(node).filter(isAddress)
  const others = [...truth.reported.keys()].filter((other) => other !== node)
  const isAlone = own.every((value) => !others.some((other) => truth.reports(other, value)))
  return !isStrict && isAlone && own.length <= limits.unprovenMax && !truth.wasServed(node)
}

/** Without the ledger, a certificate still shows an address, and nothing shows a name. */
function isShownByItself(world: World, node: string): boolean {
  return world.machines.shows(node) === 'serving' && world.reportedBy(node).every(isAddress)
}

/** Two that are new, and reported a waiting address in their first sets: neither is served, and a person is told. */
function isContested(world: World, node: string): boolean {
  const { truth, vouched } = world
  const own = world.reportedBy(node)
  if (world.usesSource) return own.some((value) => vouched.get(value) !== node)
  if (isNameContested(world, node)) return true
  if (truth.wasServed(node)) return false
  const rivals = [...truth.reported].filter(([other]) => other !== node && !truth.wasServed(other))
  return world.reportedBy(node).some((value) =>
    rivals.some(([, values]) => {
      const how = values.get(value)
      return how !== undefined && (!isAddress(value) || (how.first && how.whileWaiting))
    }),
  )
}

/** A name besides its own that leads nowhere is shown by nothing but its grant, or its certificate. */
function isNameContested(world: World, node: string): boolean {
  const { truth, machines } = world
  const others = [...truth.reported.keys()].filter((other) => other !== node)
  return world.reportedBy(node).some((value) => {
    const needsGrant = !isAddress(value) && !world.isNameOf(value, node)
    if (!needsGrant || !others.some((other) => truth.reports(other, value))) return false
    if (hasLapsed(world, node, value)) return true
    return machines.shows(node) !== 'serving' && truth.holderOf(value)?.node !== node
  })
}

/** Its Node was deleted for ten minutes, after which a name is anybody's, and was not granted it since. */
function hasLapsed({ truth, nodes, limits }: World, node: string, value: string): boolean {
  const createdAt = nodes.get(node)?.createdAt ?? 0
  const wasGone = createdAt - (truth.goneAt(node) ?? createdAt) >= limits.goneAfterMs
  const isSince = truth
    .grants()
    .some((one) => one.node === node && one.value === value && one.at >= createdAt)
  return wasGone && !isSince
}

/** At once where nobody else is in the way; else ten minutes later at most. */
async function isServed(world: World, node: string): Promise<boolean> {
  const periods = isPrompt(world, node) ? 0 : PERIODS_MAX
  for (let period = 0; ; period += 1) {
    world.step()
    const asking = { values: world.reportedBy(node), shortly: false, answering: [] }
    if (await world.ask(node, asking, () => true)) return true
    if (period === periods) return false
    world.passPeriod()
    await world.keep()
  }
}

/** Ten minutes are two periods here. */
const PERIODS_MAX = 3

/** A name that a Node has left that lives on waits ten minutes; one of a Node that is gone moves with its address. */
function wasOthersName({ truth, nodes }: World, node: string, value: string): boolean {
  const holder = truth.holderOf(value)?.node ?? node
  return !isAddress(value) && holder !== node && nodes.get(holder) !== undefined
}

/** It renews, or it is new and nobody else reports what is its own. */
function isPrompt(world: World, node: string): boolean {
  if (hasHadItsShare(world, node)) return false
  // What its source vouches for waits for nobody.
  if (world.usesSource) return true
  const { truth, machines } = world
  if (machines.shows(node) === 'serving' && holdsAll(world, node)) return true
  // Where nobody is reached, what another has left waits.
  if (machines.isCut) return false
  const others = [...truth.reported.keys()].filter((other) => other !== node)
  if (world.reportedBy(node).some((value) => wasOthersName(world, node, value))) return false
  const isAlone = world
    .reportedBy(node)
    .every((value) => !others.some((other) => truth.reports(other, value)))
  return isAlone && (machines.shows(node) === 'serving' || !truth.wasServed(node))
}

/** Of each Node five CSRs are approved at once. */
function hasHadItsShare(world: World, node: string): boolean {
  const now = [...world.csrs.values()].filter(({ username }) => username === `system:node:${node}`)
  return now.length >= 5
}

function holdsAll(world: World, node: string): boolean {
  return world.reportedBy(node).every((value) => world.truth.holderOf(value)?.node === node)
}
