/** What can happen, each a sentence: `liar reports a1`. A move that changes nothing, or cannot be, is none. */
import { type Wrong, wrongsOf } from './invariants.ts'
import type { Asking, World } from './world.ts'

type Doing = (
  world: World,
  node: string,
  values: readonly string[],
) => void | Promise<readonly Wrong[] | void>

/** What a Node or its machine does. */
const ofNodes: Readonly<Record<string, { readonly can: Can; readonly act: Doing }>> = {
  boots: {
    can: (world, node) => !world.machines.of(node).on,
    act(world, node) {
      world.machines.of(node).on = true
      if (world.nodes.get(node) === undefined) world.report(node, world.ownOf(node))
    },
  },
  /** Its Node has yet to register. */
  starts: {
    can: (world, node) => !world.machines.of(node).on,
    act: (world, node) => void (world.machines.of(node).on = true),
  },
  'is set up again': {
    can: (world, node) => world.machines.of(node).certificate !== null,
    act(world, node) {
      Object.assign(world.machines.of(node), { on: true, certificate: null })
    },
  },
  'is switched off': {
    can: (world, node) => world.machines.of(node).on,
    act: (world, node) => void (world.machines.of(node).on = false),
  },
  'is deleted': { can: exists, act: (world, node) => world.report(node, undefined) },
  registers: {
    can: (world, node) => !exists(world, node),
    act: (world, node, values) => world.report(node, [...world.ownOf(node), ...values]),
  },
  reports: {
    can: (world, node, values) =>
      exists(world, node) && !isSame(world.reportedBy(node), [...world.ownOf(node), ...values]),
    act: (world, node, values) => world.report(node, [...world.ownOf(node), ...values]),
  },
  'reports only': {
    can: (world, node, values) => exists(world, node) && !isSame(world.reportedBy(node), values),
    act: (world, node, values) => world.report(node, values),
  },
  'is given': {
    can: (world, node, values) => values.some((value) => world.vouched.get(value) !== node),
    act(world, node, values) {
      for (const value of values) world.vouched.set(value, node)
    },
  },
  takes: {
    can: (world, node, values) => values.some((value) => world.machines.ownerOf(value) !== node),
    act(world, node, values) {
      for (const value of values) world.machines.move(value, node)
    },
  },
  asks: { can: canAsk, act: (world, node) => ask(world, node) },
  'asks shortly': { can: canAsk, act: (world, node) => ask(world, node, { shortly: true }) },
  'asks, answering at': {
    can: (world, node, values) =>
      canAsk(world, node) && values.every((value) => world.reportedBy(node).includes(value)),
    act: (world, node, answering) => ask(world, node, { answering }),
  },
}

type Can = (world: World, node: string, values: readonly string[]) => boolean

function exists(world: World, node: string): boolean {
  return world.nodes.get(node) !== undefined
}

function canAsk(world: World, node: string): boolean {
  return exists(world, node) && world.machines.of(node).on && world.reportedBy(node).length > 0
}

async function ask(world: World, node: string, how: Partial<Asking> = {}): Promise<readonly Wrong[]> {
  const asking = { values: world.reportedBy(node), shortly: false, answering: [], ...how }
  return (await world.ask(node, asking, (looks) => wrongsOf(world, node, { ...asking, looks }))) ?? []
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.toSorted().join() === other.toSorted().join()
}

/** What happens to the controller, its ledger and its network. */
const ofCluster: Readonly<Record<string, { readonly can: (world: World) => boolean; readonly act: Doing }>> =
  {
    /** The CSRs that were stored are collected meanwhile. */
    'time passes': { can: () => true, act: (world) => world.passPeriod() },
    'the controller restarts': { can: () => true, act: (world) => world.restart() },
    'the ledger is lost': {
      can: ({ maps }) => !maps.isEmpty,
      act(world) {
        world.maps.lose()
        world.isLedgerUnreadable = false
      },
    },
    'the ledger is cut off': {
      can: (world) => !world.maps.isEmpty && !world.isLedgerUnreadable,
      async act(world) {
        await world.product.stop()
        world.maps.cut()
        world.isLedgerUnreadable = true
        await world.restart()
      },
    },
    'writes stop': {
      can: ({ maps }) => !maps.areWritesHeld,
      act: ({ maps }) => void (maps.areWritesHeld = true),
    },
    'writes go on': {
      can: ({ maps }) => maps.areWritesHeld,
      act: ({ maps }) => void (maps.areWritesHeld = false),
    },
    'the network is cut': {
      can: ({ machines }) => !machines.isCut,
      act: ({ machines }) => void (machines.isCut = true),
    },
    'the network is whole': {
      can: ({ machines }) => machines.isCut,
      act: ({ machines }) => void (machines.isCut = false),
    },
  }

interface Move {
  readonly can: (world: World) => boolean
  readonly act: (world: World) => void | Promise<readonly Wrong[] | void>
}

const verbs = Object.keys(ofNodes).toSorted((one, other) => other.length - one.length)

/** Reads a move: `liar asks, answering at a1 a2`. */
function readMove(move: string): Move {
  const cluster = ofCluster[move]
  if (cluster !== undefined) return { can: cluster.can, act: (world) => cluster.act(world, '', []) }
  const node = move.slice(0, move.indexOf(' '))
  const rest = move.slice(node.length + 1)
  const verb = verbs.find((one) => rest === one || rest.startsWith(`${one} `))
  const doing = ofNodes[verb ?? '']
  if (verb === undefined || doing === undefined) throw new Error(`nothing is called: ${move}`)
  const values = rest.slice(verb.length).split(' ').filter(Boolean)
  return { can: (world) => doing.can(world, node, values), act: (world) => doing.act(world, node, values) }
}

const known = new Map<string, Move>()

function moveOf(text: string): Move {
  const move = known.get(text) ?? readMove(text)
  known.set(text, move)
  return move
}

export function isPossible(world: World, move: string): boolean {
  return moveOf(move).can(world)
}

/** Makes a move; the ledger takes in what changed. Returns what was wrong with it. */
export async function make(world: World, move: string): Promise<readonly Wrong[]> {
  if (!isPossible(world, move)) throw new Error(`${move}: cannot be`)
  world.step()
  const wrongs = await moveOf(move).act(world)
  await world.product.looked()
  await world.keep()
  return wrongs ?? []
}
