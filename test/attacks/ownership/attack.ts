/** What victims are like when they are attacked, and how liars go about it. */
import { Actor } from './actor.ts'
import { MINUTE, type World } from './world.ts'

export const VICTIM = 'worker-1'
/** What is attacked. */
export const NAME = 'db.example.com'
export const ADDRESS = '10.0.0.11'
const LIARS_OWN = '10.0.0.66'

type Change = (victim: Actor, world: World) => void | Promise<void>

const victim = (world: World): Actor =>
  new Actor(world, VICTIM, { names: [NAME], addresses: [ADDRESS] }).register()

/** Those that hold what they were granted, and what became of them in the last minute. */
export const holders: Readonly<Record<string, Change>> = {
  lives: () => undefined,
  'has been silent for a minute': (one) => void one.switchOff(),
  'has been off for an hour': (one, world) => {
    one.switchOff()
    world.pass(60 * MINUTE)
  },
  'was deleted a second ago': (one, world) => {
    one.deleteNode()
    world.pass(1_000)
  },
  'was deleted a minute ago, and is off': (one, world) => {
    one.deleteNode().switchOff()
    world.pass(MINUTE)
  },
  'was deleted and made again': (one, world) => {
    one.deleteNode()
    world.pass(10_000)
    one.register()
  },
  'was set up again, its Node too': (one, world) => {
    one.deleteNode().reinstall()
    world.pass(MINUTE)
    one.register()
  },
  'was set up again under its Node': (one) => void one.reinstall(),
  'reports nothing for a moment': (one, world) => {
    one.report({ names: [], addresses: [] })
    world.pass(1_000)
  },
}

/** Those that were never granted anything that is known. */
export const newcomers: Readonly<Record<string, Change>> = {
  'has not asked yet': () => undefined,
  'serves a certificate that it made itself': (one) => void (one.machine.answer = 'selfMade'),
  'is served by another approver': (one) => void one.servedByAnother(),
  'is switched off': (one) => void one.switchOff(),
}

/** It was approved a second ago. */
export async function holder(world: World): Promise<Actor> {
  const one = victim(world)
  world.pass(1_000)
  const { served, controller, webhook } = await one.ask()
  if (!served) throw new Error(`the victim was not served: ${controller.message}, ${webhook.message}`)
  return one
}

/** It has registered, and that is all. */
export async function newcomer(world: World): Promise<Actor> {
  return victim(world)
}

/** What a liar reports besides what is its own. */
export type Kind = 'address' | 'name'

type Lie = (world: World, kind: Kind) => Promise<Actor>

/** How a liar comes to report what it attacks. All have a machine of their own, elsewhere. */
export const liars: Readonly<Record<string, Lie>> = {
  'as a new Node': async (world, kind) => {
    world.pass(1_000)
    return lie(new Actor(world, 'liar', { addresses: [LIARS_OWN] }), kind)
  },
  'as a Node that was served': async (world, kind) => lie(await servedLiar(world), kind),
  'as a Node that was served and hides': async (world, kind) =>
    lie((await servedLiar(world)).reinstall(), kind),
  'as a Node that made itself again': async (world, kind) => {
    const liar = (await servedLiar(world)).deleteNode().reinstall()
    world.pass(1_000)
    return lie(liar, kind)
  },
  'without an address of its own': async (world, kind) => lie(await servedLiar(world), kind, []),
  'with a hundred addresses': async (world, kind) => {
    const all = Array.from({ length: 98 }, (_, index) => `10.0.0.${index + 101}`)
    const liar = lie(await servedLiar(world), kind, [LIARS_OWN, ...all])
    return liar.wants(kind === 'name' ? { addresses: [LIARS_OWN] } : { addresses: [LIARS_OWN, ADDRESS] })
  },
}

function lie(liar: Actor, kind: Kind, own: readonly string[] = [LIARS_OWN]): Actor {
  if (kind === 'address') return liar.report({ addresses: [...own, ADDRESS] })
  return liar.report({ names: [NAME], addresses: own.length > 0 ? own : [LIARS_OWN] })
}

async function servedLiar(world: World): Promise<Actor> {
  const liar = new Actor(world, 'liar', { addresses: [LIARS_OWN] }).register()
  world.pass(1_000)
  await liar.ask()
  world.pass(10_000)
  return liar
}
