/** What may happen, between any two steps of the replicas. */
import { type Fate, fates } from './network.ts'
import type { World } from './world.ts'

export interface Move {
  /** A key of {@link moves}. */
  readonly what: string
  /** 0 or 1. */
  readonly replica: number
  /** Which of the nodes that are there. */
  readonly node: number
  readonly fate: Fate
  readonly isWrite: boolean
  readonly ms: number
}

type Run = (world: World, move: Move) => Promise<void> | void

const ofNode =
  (run: (world: World, member: World['members'][number]) => void): Run =>
  (world, { node }) => {
    const member = world.members[node % Math.max(world.members.length, 1)]
    if (member !== undefined) run(world, member)
  }

const NODES_MAX = 6
/** Longer than a Lease lasts. */
const PAUSE_MS = 20_000
const CLOCK_STEP_MS = 3_600_000

const moves: Readonly<Record<string, Run>> = {
  'a node joins': (world) => {
    if (world.members.length < NODES_MAX) world.joins()
  },
  'it asks': ofNode((world, member) => world.asks(member)),
  'it joins and asks': (world) => {
    if (world.members.length < NODES_MAX) world.asks(world.joins())
  },
  'it asks and has another address': ofNode((world, member) => {
    world.asks(member)
    world.renumbers(member)
  }),
  'its address changes': ofNode((world, member) => world.renumbers(member)),
  'it is deleted': ofNode((world, member) => world.leaves(member)),
  'its CSR is deleted': ofNode((world, member) => world.withdraws(member)),
  'a liar asks': ofNode((world, member) => world.lies(member)),
  'a liar takes the name of its CSR': ofNode((world, member) => world.swaps(member, 'liar')),
  'it takes the name of the liar’s': ofNode((world, member) => world.swaps(member, 'itself')),
  'time passes': async (world, { ms }) => await world.pass(ms),
  'a replica is killed': (world, { replica }) => {
    world.kill(replica)
    world.start(replica)
  },
  'it is killed and stays away': (world, { replica }) => world.kill(replica),
  'it stops': (world, { replica }) => world.stop(replica),
  'it is paused': (world, { replica }) => world.pause(replica, true),
  'it is paused until another may lead': async (world, { replica }) => {
    world.pause(replica, true)
    await world.pass(PAUSE_MS)
    world.pause(replica, false)
  },
  'it goes on': (world, { replica }) => world.pause(replica, false),
  'its clock is set': (world, { replica, isWrite }) => {
    world.replica(replica).aheadMs += isWrite ? CLOCK_STEP_MS : -CLOCK_STEP_MS
  },
  'its watches are cut': (world, { replica }) => world.network.break(world.replica(replica), 'cut'),
  'its watches are forgotten': (world, { replica }) => world.network.break(world.replica(replica), 'silent'),
  'versions are forgotten': (world) => world.server.compact(),
  'a request fails': (world, { replica, fate, isWrite }) =>
    world.network.plan({ owner: world.replica(replica), fate, isWrite }),
}

export const kinds = Object.keys(moves)
export const waits = [300, 3_000, 7_000, 12_000, 17_000]
export { fates }

export async function make(world: World, move: Move): Promise<void> {
  await moves[move.what]?.(world, move)
}

/** In few words. */
export function told({ what, replica, node, fate, isWrite, ms }: Move): string {
  if (what === 'time passes') return `${what}: ${ms} ms`
  if (what === 'a request fails') return `${isWrite ? 'a write' : 'a request'} of replica ${replica}: ${fate}`
  return `${what} (replica ${replica}, node ${node})`
}
