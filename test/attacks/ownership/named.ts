/** Attacks that need a scene of their own. */
import type { CheckCode } from '../../../policies/codes.ts'
import type { Settings } from '../../../policies/settings.ts'
import type { Vouched } from '../../../policies/types.ts'
import type { Asked } from '../../../server/ports.ts'
import { freshKeys } from '../../kit/requests/keys.ts'
import { Actor } from './actor.ts'
import { ADDRESS, holder, NAME, VICTIM } from './attack.ts'
import { type Answered, MINUTE, type World } from './world.ts'

export interface Named {
  readonly reason: CheckCode
  readonly settings?: Partial<Settings>
  readonly says?: (asked: Asked) => readonly Vouched[]
  readonly attack: (world: World) => Promise<Answered>
}

/** A new Node that reports what it attacks, and asks for it. */
async function newLiar(world: World, names: readonly string[], ...addresses: readonly string[]) {
  world.pass(1_000)
  const liar = new Actor(world, 'liar', { addresses: ['10.0.0.66'] })
  return await liar.report({ names, addresses: ['10.0.0.66', ...addresses] }).ask()
}

async function servedLiar(world: World): Promise<Actor> {
  const liar = new Actor(world, 'liar', { addresses: ['10.0.0.66'] }).register()
  await liar.ask()
  world.pass(MINUTE)
  return liar
}

/** Its Node is deleted, its machine still serves its certificate, and its CSR is gone. */
async function goneHolder(world: World): Promise<void> {
  const one = await holder(world)
  await world.collect()
  one.deleteNode()
  await world.keep()
}

/** 10.0.0.1 in every form that leads to it. */
const apiServerForms = [
  '10.0.0.1',
  '64:ff9b::10.0.0.1',
  '2002:a00:1::1',
  '::10.0.0.1',
  '::ffff:0:10.0.0.1',
  '10.96.0.1',
  '64:ff9b::10.96.0.1',
  '2002:a60:1::',
  '10.96.7.7',
]
const apiServerNames = ['kubernetes', 'kubernetes.default.svc', 'api.example.com', 'kubernetes.default']

const reserved: Record<string, Named> = Object.fromEntries([
  ...apiServerForms.map((text) => [
    `the API server’s or a Service’s address as ${text}`,
    { reason: 'AddressReserved', attack: async (world: World) => await newLiar(world, [], text) },
  ]),
  ...apiServerNames.map((name) => [
    `the API server’s name ${name}`,
    { reason: 'NameReserved', attack: async (world: World) => await newLiar(world, [name]) },
  ]),
])

const vouching =
  (addresses: (asked: Asked) => readonly string[], isShared: boolean) =>
  (asked: Asked): readonly Vouched[] => {
    const vouched = addresses(asked)
    const shared = isShared ? { shared: vouched } : {}
    const value = { names: [asked.node.name], addresses: vouched, says: 'the inventory', ...shared }
    return [{ source: 'inventory', vouches: { known: true, value } }]
  }
const failing = (): readonly Vouched[] => [
  { source: 'inventory', vouches: { known: false, because: 'it does not answer' } },
]

export const named: Readonly<Record<string, Named>> = {
  ...reserved,
  'a Node that is called what another holds': {
    reason: 'NameContested',
    attack: async (world) => {
      await holder(world)
      world.pass(MINUTE)
      return await new Actor(world, NAME, { addresses: ['10.0.0.66'] }).register().ask()
    },
  },
  'a Node that is called what another holds, after its CSR is gone': {
    reason: 'NameContested',
    attack: async (world) => {
      await holder(world)
      await world.collect()
      return await new Actor(world, NAME, { addresses: ['10.0.0.66'] }).register().ask()
    },
  },
  'a Node that is called what another holds, while the ledger cannot be read': {
    reason: 'NameContested',
    attack: async (world) => {
      await holder(world)
      await world.damage('garbled')
      return await new Actor(world, NAME, { addresses: ['10.0.0.66'] }).register().ask()
    },
  },
  'the name of another Node': {
    reason: 'NameContested',
    attack: async (world) => {
      await holder(world)
      return await newLiar(world, [VICTIM])
    },
  },
  'the name of a Node that is gone, with an address of its own, after the ledger has noted it': {
    reason: 'NameContested',
    attack: async (world) => {
      await goneHolder(world)
      return await newLiar(world, [NAME])
    },
  },
  'the name and the address of a Node that is gone while its machine answers, after the ledger has noted it':
    {
      reason: 'NameContested',
      attack: async (world) => {
        await goneHolder(world)
        return await newLiar(world, [NAME], ADDRESS)
      },
    },
  'the name of a Node that has not asked': {
    reason: 'NameContested',
    attack: async (world) => {
      new Actor(world, VICTIM, { addresses: [ADDRESS] }).register()
      return await newLiar(world, [VICTIM.toUpperCase()])
    },
  },
  'another Node’s key': {
    reason: 'KeyAlreadyUsed',
    attack: async (world) => await withKeyOfOther(world, async () => undefined),
  },
  'another Node’s key, after its CSR is gone': {
    reason: 'KeyAlreadyUsed',
    attack: async (world) => await withKeyOfOther(world, async () => await world.collect()),
  },
  'another Node’s key and the name of its CSR, which is gone': {
    reason: 'KeyAlreadyUsed',
    attack: async (world) => await withKeyOfOther(world, async () => await world.collect(), 'csr-same'),
  },
  'another Node’s key, after that Node is gone': {
    reason: 'KeyAlreadyUsed',
    attack: async (world) =>
      await withKeyOfOther(world, async () => {
        await world.collect()
        world.remove('other')
        await world.keep()
      }),
  },
  'an address, as a Node that was served, where a kubelet waits that has not registered': {
    reason: 'AddressContested',
    attack: async (world) => {
      world.network.add({ addresses: [ADDRESS], answer: 'waiting' })
      return await (await servedLiar(world)).report({ addresses: ['10.0.0.66', ADDRESS] }).ask()
    },
  },
  'an address where a certificate answers whose Node is unknown to everybody else': {
    reason: 'AddressContested',
    attack: async (world) => {
      const keys = freshKeys('P-256')
      world.network.add({ addresses: [ADDRESS], answer: { node: 'worker-9', keys } })
      return await newLiar(world, [], ADDRESS)
    },
  },
  'nine addresses that do not answer': {
    reason: 'AddressUnproven',
    attack: async (world) =>
      await newLiar(world, [], ...Array.from({ length: 9 }, (_, index) => `10.0.5.${index + 1}`)),
  },
  'the address of a living Node in the same prefix of the inventory': {
    reason: 'AddressContested',
    settings: { sources: ['inventory'] },
    says: vouching(({ addresses }) => addresses, true),
    attack: async (world) => {
      await holder(world).catch(() => undefined)
      return await (await servedLiar(world)).report({ addresses: ['10.0.0.66', ADDRESS] }).ask()
    },
  },
  'an address that no source vouches for': {
    reason: 'AddressNotVouched',
    settings: { sources: ['inventory'] },
    says: vouching(() => ['0a000042'], false),
    attack: async (world) => await newLiar(world, [], '10.0.0.77'),
  },
  'an address while the source fails': {
    reason: 'AddressNotVouched',
    settings: { sources: ['inventory'] },
    says: failing,
    attack: async (world) => await newLiar(world, [], '10.0.0.77'),
  },
  'an address more, where additions need a source': {
    reason: 'AdditionNotVouched',
    settings: { sources: ['inventory'], onAddition: 'requireSource' },
    says: vouching(() => ['0a000042'], false),
    attack: async (world) => {
      const liar = await servedLiar(world)
      liar.machine.addresses = ['10.0.0.66', '10.0.0.77']
      return await liar.report({ addresses: ['10.0.0.66', '10.0.0.77'] }).ask()
    },
  },
}

/** @param csr the name of both CSRs */
async function withKeyOfOther(world: World, then: () => Promise<void>, csr?: string): Promise<Answered> {
  const asking = { addresses: ['10.0.0.77'], keys: freshKeys('P-256'), ...(csr !== undefined && { csr }) }
  new Actor(world, 'other', { addresses: ['10.0.0.77'] }).register()
  await world.ask('other', asking)
  await then()
  new Actor(world, 'liar', { addresses: ['10.0.0.66'] }).register()
  return await world.ask('liar', { ...asking, addresses: ['10.0.0.66'] })
}
