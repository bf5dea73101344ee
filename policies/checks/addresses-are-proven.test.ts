import { test } from 'node:test'
import { fail, pass, passWithNote, unlooked } from '../check.ts'
import {
  defaultRules,
  expectOutcome,
  goodFacts,
  goodIPv4,
  rulesWith,
  seeing,
  withAddresses,
  withCluster,
  withNode,
  withOwn,
} from '../good-request.fixture.ts'
import type { Rules } from '../rules.ts'
import type { ClusterStage, Outcome } from '../types.ts'
import { addressesAreProven } from './addresses-are-proven.ts'

const rulesOf = (addresses: 'require' | 'warn', unreachable: readonly string[] = []) =>
  rulesWith({ proof: { addresses, names: 'warn', unreachable } })
const required = await rulesOf('require')
const warning = await rulesOf('warn')
/** Of the public internet. */
const PUBLIC = '08080808'
const SILENT = 'nobody answers as the requester at 198.51.100.11'
const CHECK = 'Check that the controller reaches the port of kubelets there'
const OR_ADD = `${CHECK}, or add them to \`proof.unreachable\``
const asked = (facts = goodFacts) => withAddresses([goodIPv4], facts)
const expect = (facts: ClusterStage, wanted: Outcome, rules: Rules = defaultRules) =>
  expectOutcome(addressesAreProven, facts, wanted, rules)

function where(network: 'works' | 'uncertain' | undefined, facts: ClusterStage): ClusterStage {
  const { probes } = facts.cluster
  if (probes.kind !== 'here') throw new Error('nothing is seen')
  return withCluster(
    { probes: { ...probes, network: network === undefined ? {} : { IPv4: network } } },
    facts,
  )
}

test('an address that does not answer is told the first time, and one that answers or was granted before is not', () => {
  expect(asked(seeing('silent')), passWithNote(SILENT))
  expect(asked(seeing('own')), pass)
  expect(asked(seeing('waiting')), pass)
  expect(asked(seeing('silent', withOwn({ held: [goodIPv4] }))), pass)
})

test('where other kubelets answer, an address that does not is refused, unless it was granted before', () => {
  const wanted = fail(`${SILENT}: where other kubelets answer. ${OR_ADD}`)
  expect(asked(where('works', seeing('silent'))), wanted)
  expect(asked(where('works', seeing('stranger'))), wanted)
  expect(asked(where('works', seeing('own'))), pass)
  expect(asked(where('works', seeing('silent', withOwn({ held: [goodIPv4] })))), pass)
  expect(asked(where('works', seeing('silent'))), passWithNote(SILENT), warning)
})

test('whether other kubelets answer is looked at first', () => {
  const said =
    'nobody answers at 198.51.100.11, and the controller has not looked yet whether other kubelets answer'
  const wanted = unlooked(['198.51.100.11'], said)
  expect(asked(where(undefined, seeing('silent'))), wanted)
  expect(asked(where(undefined, seeing('silent'))), passWithNote(SILENT), warning)
})

test('an address that has not been dialled is unknown, never free', () => {
  expect(asked(seeing('notDialled')), unlooked(['198.51.100.11'], '198.51.100.11 not dialled yet'))
})

test('a Node may be granted eight addresses that do not answer', () => {
  expect(asked(seeing('silent', withOwn({ unprovenLeft: 1 }))), passWithNote(SILENT))
  expect(
    asked(seeing('silent', withOwn({ unprovenLeft: 0 }))),
    fail(
      `${SILENT}; a Node may have 8 names and addresses without proof, and one more a day: 0 more now. ${CHECK}`,
    ),
  )
})

test('where proof is required, an address waits until it answers, whatever the node calls it', async () => {
  const because = '`proof.addresses` of the policy is `require`'
  expect(asked(seeing('silent')), fail(`${SILENT}: ${because}. ${OR_ADD}`), required)
  expect(asked(seeing('own')), pass, required)
  const external = withNode({ external: [goodIPv4] }, seeing('silent'))
  expect(asked(external), fail(`${SILENT}: ${because}. ${OR_ADD}`), required)
  // Whatever type the Node reports it as: nodes write that themselves.
  for (const facts of [external, seeing('silent')])
    expect(asked(facts), passWithNote(SILENT), await rulesOf('require', ['198.51.100.0/24']))
})

test('two external addresses of the public internet need not answer', () => {
  const silentAt = (addresses: readonly string[]) => {
    const results = addresses.map((address) => ({
      address,
      result: { kind: 'nothing', forMs: 0 } as const,
      grantedTo: null,
      ownerGoneMs: 0,
    }))
    const probes = { kind: 'here', results, network: { IPv4: 'works' } } as const
    return withAddresses(addresses, withNode({ external: addresses }, withCluster({ probes })))
  }
  expect(silentAt([PUBLIC]), passWithNote('nobody answers as the requester at 8.8.8.8'))
  const three = [PUBLIC, '08080809', '0808080a']
  expect(
    silentAt(three),
    fail(`nobody answers as the requester at 8.8.8.10: where other kubelets answer. ${OR_ADD}`),
  )
  expect(
    silentAt(['c6120001']),
    fail(`nobody answers as the requester at 198.18.0.1: where other kubelets answer. ${OR_ADD}`),
  )
})

test('where nobody is to look, or the controller looks later, nothing is told', () => {
  for (const kind of ['off', 'later'] as const) {
    expect(withCluster({ probes: { kind } }), pass)
    expect(withCluster({ probes: { kind } }), pass, required)
  }
})

test('who cannot look does not know, but for what the Node was granted before', () => {
  const nobody = { probes: { kind: 'none', because: 'nobody dials' } } as const
  const said = 'nobody has looked who answers at 198.51.100.11: nobody dials'
  const open = unlooked(['198.51.100.11'], said)
  expect(asked(withCluster(nobody)), open)
  expect(asked(withCluster(nobody)), open, required)
  const granted = asked(withCluster(nobody, withOwn({ held: [goodIPv4] })))
  expect(granted, pass)
  expect(granted, open, required)
})

test('what an operator approves without a look is told, also where addresses must answer', () => {
  const waived = { probes: { kind: 'here', results: [], network: {}, waived: true } } as const
  const note = 'nobody answered at 198.51.100.11 when it was judged: an operator approves it without proof'
  expect(asked(withCluster(waived)), passWithNote(note))
  expect(asked(withCluster(waived)), passWithNote(note), required)
  expect(asked(withCluster(waived, withOwn({ held: [goodIPv4] }))), pass)
  const seen = seeing('silent').cluster.probes
  const silent = { probes: { ...seen, waived: true, network: { IPv4: 'works' } } } as const
  expect(asked(withCluster(silent)), fail(`${SILENT}: where other kubelets answer. ${OR_ADD}`))
})

test('where a source must vouch, nothing else is asked for', async () => {
  expect(asked(where('works', seeing('silent'))), pass, await rulesWith({ sources: ['inventory'] }))
})
