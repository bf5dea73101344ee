/** "No fact that a node can write may make another node's request fail, except by contesting the same name or address." */
import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatAddress, parseAddress } from '../../policies/address.ts'
import type { Decision, San } from '../../policies/types.ts'
import type { JsonObject } from '../../server/ports.ts'
import { API_SERVER, type Asking, START, World } from './harm-world.ts'

interface Honest {
  readonly node: string
  readonly controlPlane?: boolean
  /** Besides the node's own name, which it always reports and asks for. */
  readonly names: readonly string[]
  readonly addresses: readonly string[]
}

const honest: readonly Honest[] = [
  { node: 'cp-1', controlPlane: true, names: [], addresses: [API_SERVER] },
  { node: 'worker-1', names: ['worker-1.example.com'], addresses: ['198.51.100.11', '2001:db8::11'] },
  { node: 'kubernetes-worker-1', names: [], addresses: ['2001:db8::12'] },
]
const theirNames = honest.flatMap(({ names }) => names)
const theirAddresses = honest.flatMap(({ addresses }) => addresses)
const theirNodes = honest.map(({ node }) => node)

/** Names that a careless comparison by prefix would confuse with an honest node's. */
const hostileNodes = ['worker', 'worker-10', 'worker-1.example', 'evil'] as const

/**
 * What belongs to nobody's Node, or only to the hostile node's; and the honest nodes' own names, which are not to be
 * taken by reporting them.
 */
const uncontestedTexts = [
  'kubernetes kubernetes.default.svc metrics-server.kube-system.svc localhost evil __proto__ example.com',
  '10.96.0.1 10.96.0.10 127.0.0.1 0.0.0.0 :: 0.0.0.0/0 198.51.100.200 2001:db8::200 198.51.100.0/24',
  '198.51.100 198.51.100.110 *.example.com . ',
  ...theirNodes,
].flatMap((texts) => texts.split(' '))
/** Every spelling of what is an honest node's. */
const contestingTexts = [
  ...theirNames,
  ...theirNames.map((name) => name.toUpperCase()),
  ...theirAddresses,
  '198.051.100.011',
  '::ffff:198.51.100.11',
  '::FFFF:c633:640b',
  '2001:DB8:0:0::11',
  '2001:0db8::0.0.0.17',
]

const types = fc.constantFrom('Hostname', 'InternalIP', 'ExternalIP', 'InternalDNS', 'ExternalDNS', 'Other')

/** One write of a hostile node: its Node object, or a CSR. */
type Write = (world: World) => Promise<Decision | undefined>

function hostileWrite(texts: readonly string[]): fc.Arbitrary<Write> {
  const text = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...texts) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 30 }) },
  )
  return fc.oneof(nodeWrite(text), csrWrite(text))
}

/** All that NodeRestriction lets a kubelet write of its Node, and more; the role label it does not. */
function nodeWrite(text: fc.Arbitrary<string>): fc.Arbitrary<Write> {
  const label = fc.oneof(
    text,
    fc.constantFrom('node-role.kubernetes.io/control-plane-', 'node-role.kubernetes.io/master'),
  )
  const object = fc.record({
    node: fc.constantFrom(...hostileNodes),
    created: fc.integer({ min: -86_400, max: 86_400 }),
    labels: fc.dictionary(label, text, { maxKeys: 4 }),
    addresses: fc.array(fc.record({ type: types, address: text }), { maxLength: 150, size: 'max' }),
    podCIDRs: fc.array(fc.constantFrom('0.0.0.0/0', '::/0', '198.51.100.0/24', '10.96.0.0/12'), {
      maxLength: 2,
    }),
    taints: fc.array(fc.record({ key: text, effect: fc.constant('NoSchedule') }), { maxLength: 3 }),
    gone: fc.nat(9).map((one) => one === 0),
  })
  return object.map(({ node, created, labels, addresses, podCIDRs, taints, gone }) => async (world) => {
    const at = new Date(START + created * 1_000).toISOString()
    const deletion = gone ? { deletionTimestamp: at } : {}
    world.writeNode(node, {
      metadata: { name: node, uid: `uid-${created}`, creationTimestamp: at, labels, ...deletion },
      spec: { podCIDR: podCIDRs[0] ?? '', podCIDRs, taints, providerID: 'evil://x' },
      status: { addresses },
    })
    return undefined
  })
}

/** Any request at all, an honest node's common name in it too; asked for under the hostile node's own user. */
function csrWrite(text: fc.Arbitrary<string>): fc.Arbitrary<Write> {
  const own = fc.constantFrom(...hostileNodes)
  const users = [...hostileNodes, ...theirNodes].map((node) => `system:node:${node}`)
  return fc
    .record({
      node: own,
      commonName: fc.option(fc.constantFrom(...users), { freq: 2 }),
      sans: fc.array(text.map(sanOf), { maxLength: 6 }),
      finalizers: fc.constantFrom(0, 0, 0, 1),
      usages: fc.constantFrom(['digital signature', 'server auth'], ['client auth']),
    })
    .map(({ node, commonName, sans, finalizers, usages }) => async (world) => {
      const cn = {
        oid: '2.5.4.3',
        encoding: 'UTF8String',
        value: commonName ?? `system:node:${node}`,
        at: 36,
      }
      const o = { oid: '2.5.4.10', encoding: 'UTF8String', value: 'system:nodes', at: 13 }
      return world.store({ node, sans, request: { subject: [[o], [cn]] }, csr: { finalizers, usages } })
    })
}

test('whatever a node writes, other nodes’ requests are judged as if it were not there', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(hostileWrite(uncontestedTexts), { maxLength: 12 }), async (writes) => {
      const world = await honestWorld()
      const before = await judgeHonest(world)
      for (const { verdict, message } of before.flat()) equal(verdict, 'approve', message)
      for (const write of writes) {
        world.tick()
        await write(world)
        deepEqual(await judgeHonest(world), before)
      }
    }),
    { numRuns: 150 },
  )
})

test('a node that was approved keeps what it has, whoever contests it afterwards', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(hostileWrite(contestingTexts), { maxLength: 12 }), async (writes) => {
      const world = await honestWorld()
      for (const asking of honest.map(askingOf)) equal((await world.store(asking)).verdict, 'approve')
      for (const write of writes) {
        world.tick()
        await write(world)
        for (const { verdict, message } of (await judgeHonest(world)).flat())
          equal(verdict, 'approve', message)
      }
    }),
    { numRuns: 150 },
  )
})

test('no node is approved with what is another’s or reserved, however it writes and asks', async () => {
  const forbidden = new Set([
    ...honest.flatMap((one) => askingOf(one).sans.map(({ value }) => value)),
    '0a600001',
    '7f000001',
  ])
  await fc.assert(
    fc.asyncProperty(greedyNode, async (texts) => {
      const world = await honestWorld()
      for (const asking of honest.map(askingOf)) await world.store(asking)
      world.writeNode('evil', nodeObject({ node: 'evil', reported: texts }))
      for (const text of texts) {
        world.tick()
        const asking = { node: 'evil', sans: [sanOf(text), sanOf('192.0.2.66')] }
        const decisions = [...(await world.judge(asking)), await world.store(asking)]
        const isForbidden = asking.sans.some(({ value }) => forbidden.has(value.toLowerCase()))
        if (isForbidden) for (const { verdict } of decisions) ok(verdict !== 'approve', text)
      }
      for (const { verdict } of (await judgeHonest(world)).flat()) equal(verdict, 'approve')
    }),
    { numRuns: 150 },
  )
})

test('without evidence a contested name or address is refused to both Nodes, and nothing else is', async () => {
  const world = await honestWorld()
  world.writeNode('evil', nodeObject({ node: 'evil', reported: ['198.51.100.11', 'evil'] }))
  const [cp, worker, other] = await judgeHonest(world)
  for (const { verdict } of [...(cp ?? []), ...(other ?? [])]) equal(verdict, 'approve')
  const rest =
    'both claim 198.51.100.11 and no earlier certificate shows the owner. Remove the address from the wrong Node'
  // The webhook leaves it to the controller, which looks who answers there.
  const both = (message: string) => [`${message}. The controller decides`, message]
  const messages = (decisions: readonly Decision[] = []) => decisions.map(({ message }) => message)
  deepEqual(messages(worker), both(`AddressContested: Nodes worker-1 and evil ${rest}`))
  const evil = await world.judge({ node: 'evil', sans: [sanOf('198.51.100.11')] })
  deepEqual(messages(evil), both(`AddressContested: Nodes evil and worker-1 ${rest}`))
  const without = { node: 'worker-1', sans: ['worker-1', '2001:db8::11'].map(sanOf) }
  for (const { verdict } of await world.judge(without)) equal(verdict, 'approve')
})

test('the hostile node of these tests is approved while it asks for what is its own', async () => {
  const world = await honestWorld()
  world.writeNode('evil', nodeObject({ node: 'evil', reported: ['evil', '192.0.2.66'] }))
  equal((await world.store({ node: 'evil', sans: ['evil', '192.0.2.66'].map(sanOf) })).verdict, 'approve')
})

const greedyNode = fc.uniqueArray(fc.constantFrom(...uncontestedTexts, ...contestingTexts, '192.0.2.66'), {
  minLength: 1,
  maxLength: 40,
})

async function honestWorld(): Promise<World> {
  const world = await World.create()
  for (const { node, names, addresses, controlPlane } of honest)
    world.writeNode(node, nodeObject({ node, reported: [node, ...names, ...addresses], controlPlane }))
  world.tick()
  return world
}

/** Requests that have waited since the beginning, so that everything written meanwhile is newer. */
async function judgeHonest(world: World): Promise<Decision[][]> {
  const decisions: Decision[][] = []
  const waiting = { createdAt: START + 60_000 }
  for (const one of honest) decisions.push(await world.judge({ ...askingOf(one), csr: waiting }))
  return decisions
}

function askingOf({ node, names, addresses }: Honest): Asking {
  return { node, sans: [node, ...names, ...addresses].map(sanOf) }
}

function nodeObject(facts: {
  node: string
  reported: readonly string[]
  controlPlane?: boolean | undefined
}): JsonObject {
  const labels = facts.controlPlane === true ? { 'node-role.kubernetes.io/control-plane': '' } : {}
  const creationTimestamp = new Date(START).toISOString()
  const addresses = facts.reported.flatMap((address) => [
    { type: 'Hostname', address },
    { type: 'ExternalDNS', address },
  ])
  return {
    metadata: { name: facts.node, uid: `uid-${facts.node}`, creationTimestamp, labels },
    status: { addresses },
  }
}

/** As a kubelet writes it: an address where the text is one, else a name. */
function sanOf(text: string): San {
  const address = parseAddress(text)
  if (address === undefined) return { kind: 'dNSName', value: text, at: 186 }
  return { kind: 'iPAddress', value: parseAddress(formatAddress(address)) ?? address, at: 196 }
}
