import { deepEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { fail, pass, passWithNote, unknown, unlooked } from '../check.ts'
import {
  defaultRules,
  expectOutcome,
  goodFacts,
  goodIPv4,
  heldByOther,
  rulesWith,
  seeing,
  withAddresses,
  withCluster,
  withNames,
  withOwn,
} from '../good-request.fixture.ts'
import type { ClusterStage, Known, Outcome } from '../types.ts'
import { namesAreProven } from './names-are-proven.ts'

const FQDN = 'db.example.com'
const proof = { addresses: 'auto', names: 'require', unreachable: [] } as const
const required = await rulesWith({ proof })
const ADVICE =
  'Add a record for it to DNS, remove it from the Node, or let a pattern with {node} or a source prove it'
const REQUIRED = `: \`proof.names\` of the policy is \`require\`. ${ADVICE}`

/** Asks for a name and the good IPv4 address, where the requester answers, and DNS says that of the name. */
function leading(to: readonly string[] | string | null, name = FQDN, facts = goodFacts): ClusterStage {
  const leadsTo: Known<readonly string[]> =
    typeof to === 'string' ? { known: false, because: to } : { known: true, value: to ?? [] }
  const lookups = to === null ? [] : [{ name, leadsTo }]
  const asked = withNames(['worker-1', name], withAddresses([goodIPv4], seeing('own', facts)))
  return withCluster({ lookups }, asked)
}
/** Under `warn` and under `require`. */
function expect(facts: ClusterStage, warned: Outcome, refused: Outcome = warned): void {
  expectOutcome(namesAreProven, facts, warned)
  expectOutcome(namesAreProven, facts, refused, required)
}

test('a name that leads to proven addresses alone is proven', () => {
  expect(leading([goodIPv4]), pass)
  expect(leading([goodIPv4], 'DB.example.com'.toLowerCase()), pass)
  expect(withNames(['DB.Example.com'], leading([goodIPv4])), pass)
})

test('a name that leads elsewhere, or nowhere, is told, and refused under `require`', () => {
  const elsewhere = `${FQDN} leads to 192.0.2.9, which is not proven`
  for (const to of [['c0000209'], [goodIPv4, 'c0000209']])
    expect(leading(to), passWithNote(elsewhere), fail(elsewhere + REQUIRED))
  const nowhere = `${FQDN} has no address in DNS`
  expect(leading([]), passWithNote(nowhere), fail(nowhere + REQUIRED))
})

test('a name that leads to an address of the requester at which it does not answer is not proven', () => {
  const said = `${FQDN} leads to 198.51.100.11, which is not proven`
  for (const saw of ['silent', 'stranger', 'another', 'notDialled'] as const)
    expect(seeing(saw, leading([goodIPv4])), passWithNote(said), fail(said + REQUIRED))
})

test('a look-up that failed is told, and unknown under `require`', () => {
  const said = `${FQDN} could not be looked up (ESERVFAIL)`
  expect(leading('ESERVFAIL'), passWithNote(said), unknown(said))
})

test('a name that leads elsewhere is refused although the look-up of another failed', () => {
  const facts = withNames([FQDN, 'www.example.com'], leading(['c0000209']))
  const failed = { name: 'www.example.com', leadsTo: { known: false, because: 'ETIMEOUT' } } as const
  const both = withCluster({ lookups: [...(facts.cluster.lookups ?? []), failed] }, facts)
  const elsewhere = `${FQDN} leads to 192.0.2.9, which is not proven`
  const told = passWithNote(`${elsewhere}, www.example.com could not be looked up (ETIMEOUT)`)
  expect(both, told, fail(elsewhere + REQUIRED))
})

test('a name that has yet to be looked up is unknown', () => {
  expect(leading(null), unknown(`${FQDN} not looked up yet`))
})

test('where nobody asks DNS names are unknown under `require`', () => {
  const facts = withNames([FQDN])
  expect(facts, pass, unlooked([FQDN], `${FQDN} cannot be proven: nobody asks DNS`))
  expect(withOwn({ held: [FQDN] }, facts), pass)
})

test('where nothing is dialled DNS is not asked, and under `require` a name that the Node was not granted is refused', async () => {
  const off = await rulesWith({ proof: { ...proof, addresses: 'off', names: 'warn' } })
  expectOutcome(namesAreProven, leading([]), pass, off)
  const wanted = fail(
    'db.example.com cannot be proven: `proof.addresses` of the policy is `off`, so DNS is not asked',
  )
  expectOutcome(
    namesAreProven,
    leading([goodIPv4]),
    wanted,
    await rulesWith({ proof: { ...proof, addresses: 'off' } }),
  )
})

test('the Node’s own name needs no proof, with a dot or without', () => {
  expect(withCluster({ lookups: [] }, withNames(['worker-1', 'WORKER-1'])), pass)
})

test('a name that a pattern with {node} makes of that of the Node is proven, and any other that it matches is not', async () => {
  const patterns = ['{node}', '{node}[.]example[.]com', '.*[.]example[.]org']
  const rules = await rulesWith({ proof, names: { patterns } })
  expectOutcome(namesAreProven, leading(null, 'worker-1.example.com'), pass, rules)
  const wanted = unknown('db.example.org not looked up yet')
  expectOutcome(namesAreProven, leading(null, 'db.example.org'), wanted, rules)
})

test('what the Node was granted before goes on, and is not told again', () => {
  for (const to of ['ESERVFAIL', []]) expect(leading(to, FQDN, withOwn({ held: [FQDN] })), pass)
})

test('where the policy has sources, they decide about names', async () => {
  const rules = await rulesWith({ proof, sources: ['inventory'] })
  expectOutcome(namesAreProven, leading([]), pass, rules)
})

test('a Node has so many names and addresses without proof, together', () => {
  const facts = withOwn({ unprovenLeft: 1 }, leading([]))
  const said = `${FQDN} has no address in DNS`
  expectOutcome(namesAreProven, facts, passWithNote(said))
  const wanted = fail(
    `${said}; a Node may have 8 names and addresses without proof, and one more a day: 1 more now. ${ADVICE}`,
  )
  expectOutcome(namesAreProven, seeing('silent', facts), wanted)
})

test('what an earlier Node of the same name was granted does not count again where the machine answers', () => {
  const spent = withOwn({ unprovenLeft: 0 })
  const left = { kind: 'dNSName', value: FQDN, leftAt: goodFacts.now - 1_000 } as const
  const outcome = (node: string, saw: 'own' | 'silent') =>
    namesAreProven.run(seeing(saw, leading([], FQDN, heldByOther({ ...left, node }, spent))), defaultRules)
      .outcome
  deepEqual(outcome('worker-1', 'own'), 'pass')
  deepEqual([outcome('worker-1', 'silent'), outcome('worker-2', 'own')], ['fail', 'fail'])
})

test('a number that is not the Node’s own name needs a pattern, since some clients read it as an address', async () => {
  const wanted = fail(
    '0 is a number, which some clients read as an address. Only names.patterns or a source allow it',
  )
  expect(leading([goodIPv4], '0'), wanted)
  const patterns = ['worker-1', '[0-9]']
  expectOutcome(namesAreProven, leading([goodIPv4], '0'), pass, await rulesWith({ names: { patterns } }))
  const sources = ['inventory'] as const
  expectOutcome(namesAreProven, leading([], '0'), pass, await rulesWith({ sources }))
  expectOutcome(namesAreProven, withOwn({ held: ['0'] }, leading([], '0')), pass, defaultRules)
})
