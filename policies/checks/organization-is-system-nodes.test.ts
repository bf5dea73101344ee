import { test } from 'node:test'
import { fail, pass } from '../check.ts'
import { expectOutcome, withRequest } from '../good-request.fixture.ts'
import { shown } from '../text.ts'
import { organizationIsSystemNodes } from './organization-is-system-nodes.ts'

test('a node may not ask for a group', () => {
  const wanted = fail('the organization is system:masters. There must be exactly one: system:nodes')
  expectOutcome(organizationIsSystemNodes, withOrganizations('system:masters'), wanted)
  expectOutcome(organizationIsSystemNodes, withOrganizations('system:nodes'), pass)
})

test('there is exactly one organization', () => {
  const both = fail(
    'the organization is system:nodes, system:masters. There must be exactly one: system:nodes',
  )
  expectOutcome(organizationIsSystemNodes, withOrganizations('system:nodes', 'system:masters'), both)
  const twice = fail(
    'the organization is system:nodes, system:nodes. There must be exactly one: system:nodes',
  )
  expectOutcome(organizationIsSystemNodes, withOrganizations('system:nodes', 'system:nodes'), twice)
  expectOutcome(
    organizationIsSystemNodes,
    withOrganizations(),
    fail('the organization is (none). There must be exactly one: system:nodes'),
  )
})

test('an organization is compared to the letter', () => {
  for (const name of ['System:Nodes', 'system:nodes\u0000', 'system:node']) {
    const wanted = fail(`the organization is ${shown(name)}. There must be exactly one: system:nodes`)
    expectOutcome(organizationIsSystemNodes, withOrganizations(name), wanted)
  }
})

test('an organization hidden in a multi-valued RDN counts', () => {
  const two = ['system:nodes', 'system:masters'].map(organization)
  const wanted = fail(
    'the organization is system:nodes, system:masters. There must be exactly one: system:nodes',
  )
  expectOutcome(organizationIsSystemNodes, withRequest({ subject: [two] }), wanted)
})

function withOrganizations(...names: string[]) {
  const commonName = { oid: '2.5.4.3', encoding: 'PrintableString', value: 'system:node:worker-1', at: 36 }
  return withRequest({ subject: [...names.map((name) => [organization(name)]), [commonName]] })
}

function organization(value: string) {
  return { oid: '2.5.4.10', encoding: 'UTF8String', value, at: 13 }
}
