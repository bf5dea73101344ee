/** What honest nodes go through. Each must be served in the end, with what its Node reports, and soon. */
import { Actor } from './actor.ts'
import { API_SERVER, MINUTE, type World } from './world.ts'

/** For how long the kubelet may have to ask, in ms. */
export interface Honest {
  readonly withinMs: number
  /** Sets the scene; resolves to the node that asks then. */
  readonly begin: (world: World) => Promise<Actor>
  /** Cannot be served without a look at the address. */
  readonly needsProbe?: true
}

const AT_ONCE = 0
const AFTER_TEN_MINUTES = 11 * MINUTE
const LIARS = ['liar-1', 'liar-2', 'liar-3']

function node(world: World, name: string, ...addresses: readonly string[]): Actor {
  return new Actor(world, name, { addresses }).register()
}

async function servedNode(world: World, name: string, ...addresses: readonly string[]): Promise<Actor> {
  const one = node(world, name, ...addresses)
  world.pass(1_000)
  const { served, controller } = await one.ask()
  if (!served) throw new Error(`${name} was not served: ${controller.message}`)
  world.pass(15_000)
  return one
}

/** Nodes that were served, and then report what is not theirs. */
async function liarsClaim(world: World, ...addresses: readonly string[]): Promise<void> {
  for (const [index, name] of LIARS.entries()) {
    const own = `10.0.9.${index + 1}`
    const liar = await servedNode(world, name, own)
    await liar.report({ addresses: [own, ...addresses] }).ask()
  }
}

export const honest: Readonly<Record<string, Honest>> = {
  'a new node': { withinMs: AT_ONCE, begin: async (world) => node(world, 'worker-1', '10.0.0.11') },
  'a new node of two families': {
    withinMs: AT_ONCE,
    begin: async (world) => node(world, 'worker-1', '10.0.0.11', 'fd00::11'),
  },
  'a node with names of its own': {
    withinMs: AT_ONCE,
    begin: async (world) =>
      new Actor(world, 'worker-1', { names: ['worker-1.example.com'], addresses: ['10.0.0.11'] }).register(),
  },
  'a node whose name has dots': {
    withinMs: AT_ONCE,
    begin: async (world) => node(world, 'ip-10-0-0-11.ec2.internal', '10.0.0.11'),
  },
  'a renewal': {
    withinMs: AT_ONCE,
    begin: async (world) => await servedNode(world, 'worker-1', '10.0.0.11'),
  },
  'a renewal after its CSR is gone': {
    withinMs: AT_ONCE,
    begin: async (world) => {
      const one = await servedNode(world, 'worker-1', '10.0.0.11')
      await world.collect()
      return one
    },
  },
  'a kubelet that is restarted between approval and certificate': {
    withinMs: AT_ONCE,
    begin: async (world) => (await servedNode(world, 'worker-1', '10.0.0.11')).reinstall(),
  },
  'a renewal while liars claim its address': {
    withinMs: AT_ONCE,
    begin: async (world) => {
      const one = await servedNode(world, 'worker-1', '10.0.0.11')
      await liarsClaim(world, '10.0.0.11')
      return one
    },
  },
  'a renewal after its CSR is gone, while liars claim its address': {
    withinMs: AT_ONCE,
    begin: async (world) => {
      const one = await servedNode(world, 'worker-1', '10.0.0.11')
      await world.collect()
      await liarsClaim(world, '10.0.0.11')
      return one
    },
  },
  'a new node whose address liars claimed before': {
    withinMs: AT_ONCE,
    needsProbe: true,
    begin: async (world) => {
      const one = new Actor(world, 'worker-1', { addresses: ['10.0.0.11'] })
      await liarsClaim(world, '10.0.0.11')
      return one.register()
    },
  },
  'a machine that is set up again under its Node': {
    withinMs: AT_ONCE,
    begin: async (world) => {
      const one = await servedNode(world, 'worker-1', '10.0.0.11')
      await world.collect()
      return one.reinstall()
    },
  },
  'a machine that is set up again after its Node was deleted': {
    withinMs: AT_ONCE,
    begin: async (world) => {
      const one = (await servedNode(world, 'worker-1', '10.0.0.11')).deleteNode().reinstall()
      world.pass(60 * MINUTE)
      return one.register()
    },
  },
  'a Node that was deleted and made again at once': {
    withinMs: AT_ONCE,
    begin: async (world) => {
      const one = (await servedNode(world, 'worker-1', '10.0.0.11')).deleteNode()
      world.pass(10_000)
      return one.register()
    },
  },
  'a node that DHCP gave another address': {
    withinMs: AT_ONCE,
    begin: async (world) => (await servedNode(world, 'worker-1', '10.0.0.11')).move('10.0.0.99'),
  },
  'a node that DHCP gave the address of one that has another now': {
    withinMs: AT_ONCE,
    needsProbe: true,
    begin: async (world) => {
      const [one, other] = [
        await servedNode(world, 'worker-1', '10.0.0.11'),
        await servedNode(world, 'worker-2', '10.0.0.12'),
      ]
      other.move('10.0.0.99')
      return one.move('10.0.0.12')
    },
  },
  'an autoscaler’s node at an address whose Node ended five seconds ago': {
    withinMs: AT_ONCE,
    needsProbe: true,
    begin: async (world) => {
      const before = await servedNode(world, 'worker-1', '10.0.0.11')
      before.switchOff().deleteNode()
      world.pass(5_000)
      return node(world, 'worker-2', '10.0.0.11')
    },
  },
  'an autoscaler’s node with the name of its address, after the ledger has noted that the earlier Node is gone':
    {
      withinMs: AT_ONCE,
      needsProbe: true,
      begin: async (world) => {
        const reported = { names: ['ip-10-0-0-11.example.com'], addresses: ['10.0.0.11'] }
        const before = new Actor(world, 'worker-1', reported).register()
        world.pass(1_000)
        await before.ask()
        await world.collect()
        before.switchOff().deleteNode()
        await world.keep()
        world.pass(5_000)
        return new Actor(world, 'worker-2', reported).register()
      },
    },
  'a node at an address whose Node ended, without anybody who looks': {
    withinMs: AFTER_TEN_MINUTES,
    begin: async (world) => {
      const before = await servedNode(world, 'worker-1', '10.0.0.11')
      await world.keep()
      before.switchOff().deleteNode()
      await world.keep()
      return node(world, 'worker-2', '10.0.0.11')
    },
  },
  'a node at an address that another Node, which lives elsewhere, still reports': {
    withinMs: AT_ONCE,
    needsProbe: true,
    begin: async (world) => {
      const other = await servedNode(world, 'worker-2', '10.0.0.12', '10.0.1.12')
      await world.keep()
      other.machine.addresses = ['10.0.1.12']
      world.pass(MINUTE)
      return node(world, 'worker-1', '10.0.0.12')
    },
  },
  'a node at the only address of one that is dead and still registered': {
    withinMs: AFTER_TEN_MINUTES,
    needsProbe: true,
    begin: async (world) => {
      const other = await servedNode(world, 'worker-2', '10.0.0.12')
      await world.keep()
      other.switchOff()
      world.pass(MINUTE)
      return node(world, 'worker-1', '10.0.0.12')
    },
  },
  'a new node whose address a Node that made itself again took while its kubelet waited': {
    withinMs: AFTER_TEN_MINUTES,
    needsProbe: true,
    begin: async (world) => {
      const one = new Actor(world, 'worker-1', { addresses: ['10.0.0.11'] })
      const liar = (await servedNode(world, 'liar', '10.0.0.66')).deleteNode().reinstall()
      await liar.report({ addresses: ['10.0.0.66', '10.0.0.11'] }).ask()
      world.pass(15_000)
      return one.register()
    },
  },
  'a node whose address is reported late': {
    withinMs: AT_ONCE,
    begin: async (world) => {
      const one = new Actor(world, 'worker-1', { addresses: [] }).register()
      await one.ask()
      world.pass(2_000)
      one.machine.addresses = ['10.0.0.11']
      return one.report({ addresses: ['10.0.0.11'] })
    },
  },
  'a control-plane node with the API server’s address': {
    withinMs: AT_ONCE,
    begin: async (world) => new Actor(world, 'cp-1', { addresses: [API_SERVER] }).register(true),
  },
  'a control-plane node with the API server’s address, which a worker reported before': {
    withinMs: AT_ONCE,
    begin: async (world) => {
      await liarsClaim(world, API_SERVER)
      return new Actor(world, 'cp-1', { addresses: [API_SERVER] }).register(true)
    },
  },
}
