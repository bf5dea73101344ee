import { test } from 'node:test'
import { fail, pass, unknown } from '../check.ts'
import {
  expectOutcome,
  goodFacts,
  goodNode,
  notLearnt,
  withCluster,
  withNames,
} from '../good-request.fixture.ts'
import type { Claim } from '../types.ts'
import { namesAreUncontested } from './names-are-uncontested.ts'

const FQDN = 'worker-1.example.com'
const claim: Claim = { kind: 'dNSName', value: FQDN, node: 'worker-2', controlPlane: false }
const contested = withCluster({ claims: { known: true, value: [claim] } })
const CLAIMED = 'Nodes worker-1 and worker-2 both claim worker-1.example.com'
const ADVICE = 'Remove the name from the wrong Node'

test('a name that two Nodes report is given to neither, and both are named', () => {
  const wanted = fail(`${CLAIMED} and no earlier certificate shows the owner. ${ADVICE}`)
  expectOutcome(namesAreUncontested, withNames([FQDN], contested), wanted)
  expectOutcome(namesAreUncontested, withNames(['Worker-1.Example.COM'], contested), wanted)
  expectOutcome(namesAreUncontested, withNames([FQDN]), pass)
})

test('who was last approved with a name keeps it, whoever else reports it', () => {
  const createdAt = goodNode.createdAt + 500
  for (const [username, wanted] of [
    ['system:node:worker-1', pass],
    [
      'system:node:worker-2',
      fail(`${CLAIMED}; the last certificate with it went to Node worker-2. ${ADVICE}`),
    ],
  ] as const) {
    const holding = { kind: 'dNSName', value: FQDN, username, csr: 'csr-first', createdAt } as const
    const facts = withCluster({ holdings: { known: true, value: [holding] } }, contested)
    expectOutcome(namesAreUncontested, withNames([FQDN], facts), wanted)
  }
})

test('a node’s own name is its own, whoever else reports it', () => {
  const value: Claim[] = [{ kind: 'dNSName', value: 'worker-1', node: 'worker-2', controlPlane: false }]
  const facts = withCluster({ claims: { known: true, value }, holdings: notLearnt('not read') })
  expectOutcome(namesAreUncontested, facts, pass)
  expectOutcome(namesAreUncontested, withNames(['WORKER-1'], facts), pass)
})

test('another Node’s own name is not to be had by reporting it', () => {
  const value: Claim[] = [{ kind: 'dNSName', value: 'worker-2', node: 'worker-2', controlPlane: false }]
  const facts = withNames(['worker-2'], withCluster({ claims: { known: true, value } }))
  const wanted = fail(
    `Nodes worker-1 and worker-2 both claim worker-2 and no earlier certificate shows the owner. ${ADVICE}`,
  )
  expectOutcome(namesAreUncontested, facts, wanted)
})

test('a claim to an address contests no name', () => {
  const value: Claim[] = [{ ...claim, kind: 'iPAddress' }]
  expectOutcome(namesAreUncontested, withNames([FQDN], withCluster({ claims: { known: true, value } })), pass)
})

test('facts that could not be learnt leave a name open', () => {
  const noClaims = withCluster({ claims: notLearnt('the list of Nodes has not been read yet') })
  expectOutcome(namesAreUncontested, noClaims, unknown('the list of Nodes has not been read yet'))
  const noHoldings = withCluster({ holdings: notLearnt('the list of CSRs has not been read yet') }, contested)
  const wanted = unknown('the list of CSRs has not been read yet')
  expectOutcome(namesAreUncontested, withNames([FQDN], noHoldings), wanted)
  expectOutcome(namesAreUncontested, withCluster({ holdings: notLearnt('not read') }, goodFacts), pass)
})
