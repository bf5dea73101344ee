import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { defaultRules, goodFacts, judge, rulesWith, seeing, withCluster } from './good-request.fixture.ts'
import type { Decision, Finding } from './types.ts'
import { awaitingLook, withoutLook } from './unlooked.ts'

const finding = (outcome: Finding['outcome'], unlooked?: readonly string[]): Finding => ({
  code: 'AddressContested',
  field: 'spec.request',
  outcome,
  detail: '',
  ...(unlooked && { unlooked }),
})
const decided = (verdict: Decision['verdict'], ...findings: readonly Finding[]): Decision => ({
  ...judge(goodFacts),
  verdict,
  findings,
})

test('what awaits a look is told once, whatever else passes or is skipped', () => {
  const waiting = finding('unknown', ['192.0.2.1', 'a.example.com'])
  const more = finding('unknown', ['192.0.2.1', '192.0.2.2'])
  const decision = decided('unknown', finding('pass'), waiting, finding('skipped'), more)
  deepEqual(awaitingLook(decision), ['192.0.2.1', 'a.example.com', '192.0.2.2'])
})

test('a look decides nothing where something else is in the way, or where all is decided', () => {
  const waiting = finding('unknown', ['192.0.2.1'])
  deepEqual(awaitingLook(decided('unknown', waiting, finding('unknown'))), [])
  deepEqual(awaitingLook(decided('unknown', finding('unknown'))), [])
  for (const verdict of ['approve', 'notYet', 'deny', 'ignore', 'error'] as const)
    deepEqual(awaitingLook(decided(verdict, waiting)), [], verdict)
})

test('without a look, an address that nobody dialled is judged as one without proof', () => {
  for (const kind of ['none', 'here'] as const) {
    const probes =
      kind === 'here' ? seeing('notDialled').cluster.probes : { kind, because: 'no kubelet is dialled' }
    const facts = withCluster({ probes })
    deepEqual(awaitingLook(judge(facts)), ['198.51.100.11', '2001:db8::11'], kind)
    equal(judge(withoutLook(facts, defaultRules)).verdict, 'approve', kind)
  }
})

test('without a look, what was seen still counts, and so does the network', async () => {
  const facts = seeing('another')
  const { probes } = withoutLook(facts, defaultRules).cluster
  deepEqual(probes, { ...facts.cluster.probes, waived: true })
  equal(judge(withoutLook(facts, defaultRules)).verdict, 'notYet')
  const off = await rulesWith({ proof: { addresses: 'off', names: 'warn', unreachable: [] } })
  deepEqual(withoutLook(facts, off).cluster.probes, {
    kind: 'here',
    results: [],
    network: {},
    waived: true,
  })
})
