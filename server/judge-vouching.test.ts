import assert from 'node:assert/strict'
import { test } from 'node:test'
import { goodFacts, goodNode, rulesWith, withAddresses, withNames } from '../policies/good-request.fixture.ts'
import type { NodeFacts, Vouched } from '../policies/types.ts'
import type { Asked, JudgeInput, Prober, Truth } from './ports.ts'
import { FactCache } from './facts/fact-cache.ts'
import { createJudge } from './judge.ts'
import { NewNodes } from './facts/new-nodes.ts'
import type { Reservations } from './facts/reservations.ts'
import { FakeStore, noGrants } from './facts/store.fixture.ts'

const dns = (vouches: Vouched['vouches']): Vouched => ({ source: 'dns', vouches })
const silent = dns({ known: false, because: 'has not been looked up' })
const vouchingForNames = dns({
  known: true,
  value: { names: goodNode.names, addresses: goodNode.addresses, says: '' },
})
const vouching = dns({ known: true, value: { names: [], addresses: goodNode.addresses, says: '' } })

interface Surroundings {
  readonly rivals?: Readonly<Record<string, NodeFacts>>
  readonly prober?: Prober | null
}

/** A judge whose only source of truth says `before` until it is asked, and `after` from then on. */
async function begin(
  before: Vouched,
  after: Vouched,
  request = goodFacts.request,
  { rivals = {}, prober = null }: Surroundings = {},
) {
  const asked: Asked[] = []
  const truth: Truth = {
    vouched: () => [asked.length > 0 ? after : before],
    ask: async (about) => {
      asked.push(about)
      return true
    },
  }
  const range = { kind: 'prefix', value: '0a600000/16', origin: 'a Service range', apiServer: false } as const
  const services = new FakeStore<Reservations>({ kubernetes: [range] })
  const nodes = new FakeStore<NodeFacts>({
    ...rivals,
    [goodNode.name]: { ...goodNode, providerId: 'test://1' },
  })
  const facts = new FactCache(
    {
      nodes,
      csrs: new FakeStore(),
      reservations: () => [services],
      serviceAddresses: () => services,
      apiServer: () => ({ host: '192.0.2.1', certificateNames: ['kubernetes'], certificateAddresses: [] }),
      ledger: noGrants,
      prober,
      now: () => goodFacts.now,
    },
    () => request,
    truth,
  )
  const quiet = () => undefined
  const clock = { serverNow: () => goodFacts.now, monotonic: () => 0 }
  const rules = await rulesWith({ pools: [{ name: 'named', nodes: ['worker-.*'], sources: ['dns'] }] })
  const judgeBy = createJudge({
    facts,
    newNodes: new NewNodes(nodes, clock),
    parsed: { read: () => request, keep: quiet },
    clock,
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
  })
  const judge = async (input: JudgeInput) => await judgeBy(input, rules)
  return { judge, asked, services }
}

const input: JudgeInput = { purpose: 'approve', csr: goodFacts.csr, caller: null, request: 'x' }

test('the controller asks a source that has not answered, and judges again', async () => {
  const { judge, asked } = await begin(silent, vouching)
  const { decision } = await judge(input)
  const { verdict, pool, vouched } = decision
  assert.deepEqual(
    { verdict, pool, vouched },
    {
      verdict: 'approve',
      pool: 'named',
      vouched: { '198.51.100.11': 'dns', '2001:db8::11': 'dns' },
    },
  )
  assert.deepEqual(
    asked.map(({ node, names, addresses }) => [node.name, node.providerId, names, addresses]),
    [['worker-1', 'test://1', ['worker-1'], goodNode.addresses]],
  )
})

test('a source that cannot answer leaves the decision open, and never refuses', async () => {
  const { judge, asked } = await begin(silent, dns({ known: false, because: 'ESERVFAIL' }))
  const { verdict, message } = (await judge(input)).decision
  assert.equal(verdict, 'unknown')
  assert.equal(
    message,
    'AddressNotVouched: no source could vouch for 198.51.100.11, 2001:db8::11: dns: ESERVFAIL',
  )
  assert.equal(asked.length, 1)
})

test('a source that has answered is not asked again', async () => {
  const nothing = dns({ known: true, value: { names: [], addresses: [], says: 'nothing' } })
  const { judge, asked } = await begin(nothing, nothing)
  assert.equal((await judge(input)).decision.reason, 'AddressNotVouched')
  assert.equal(asked.length, 0)
})

test('a request that is refused anyway costs no look-up', async () => {
  const foreign = withAddresses(['c6336409']).request
  const malformed = { ...goodFacts.request, subject: [] }
  for (const request of [foreign, malformed]) {
    const { judge, asked } = await begin(silent, vouching, request)
    assert.notEqual((await judge(input)).decision.verdict, 'approve')
    assert.equal(asked.length, 0)
  }
})

test('a source is asked whose a contested address is, and its answer settles the contest', async () => {
  const rival = { ...goodNode, name: 'worker-2', uid: 'other' }
  const { judge, asked } = await begin(silent, vouching, goodFacts.request, {
    rivals: { [rival.name]: rival },
  })
  assert.equal((await judge(input)).decision.verdict, 'approve')
  assert.equal(asked.length, 1)
})

test('a source is asked whose a contested name is, and its answer settles the contest', async () => {
  const request = withNames(['worker-1.example.com']).request
  const rival = { ...goodNode, name: 'worker-2', uid: 'other', addresses: [] }
  const { judge, asked } = await begin(silent, vouchingForNames, request, { rivals: { [rival.name]: rival } })
  assert.equal((await judge(input)).decision.verdict, 'approve')
  assert.equal(asked.length, 1)
})

test('a source is asked once a look has shown what was in its way, and its answer counts', async () => {
  const dialled: string[] = []
  const { judge, asked } = await begin(silent, vouching, goodFacts.request, {
    prober: {
      probe: async (addresses) => void dialled.push(...addresses),
      result: (address) =>
        dialled.includes(address)
          ? { kind: 'certificate', spkiSha256: 'ab', node: goodNode.name, forMs: 0 }
          : undefined,
      network: () => 'works',
      lookAtNetwork: async () => undefined,
    },
  })
  assert.equal((await judge(input)).decision.verdict, 'approve')
  assert.deepEqual([dialled.length, asked.length], [2, 1])
})

test('while another fact is unknown too, no source is asked', async () => {
  const { judge, asked, services } = await begin(silent, vouching)
  services.ageMs = 80_000
  assert.equal((await judge(input)).decision.verdict, 'unknown')
  assert.equal(asked.length, 0)
})

test('the webhook asks no source', async () => {
  const { judge, asked } = await begin(silent, vouching)
  const atWebhook = { ...input, purpose: 'admit', caller: goodFacts.csr.requester } as const
  assert.equal((await judge(atWebhook)).decision.verdict, 'approve')
  assert.equal(asked.length, 0)
})
