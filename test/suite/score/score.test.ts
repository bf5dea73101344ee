import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { Standing } from '../../kit/kubelet/csr.ts'
import { createAuthority } from '../../kit/pki.ts'
import { requesterOf } from '../request.ts'
import { schema, type Result } from '../schema.ts'
import { cases } from '../suite.ts'
import { approverCalled, names } from './approvers.ts'
import { PAGES, withResults } from './docs.ts'
import { hostileOutcome } from './score.ts'
import { arguableCases, faultsOf, passes } from './table.ts'

const RESULTS = join(import.meta.dirname, '..', 'results')
const read = (name: string): Result => JSON.parse(readFileSync(join(RESULTS, name), 'utf8'))
const served: Result = {
  ...read('everything.json'),
  renewed: 17,
  outcomes: cases.map(({ id, expected }) => ({
    id,
    outcome: expected.decision === 'approve' ? 'issued' : 'denied',
  })),
}
const pending: Standing = {
  approved: false,
  denied: false,
  failed: false,
  reason: null,
  message: null,
  certificate: null,
}
const withOutcome = (of: string, outcome: Result['outcomes'][number]['outcome']): Result => ({
  ...served,
  outcomes: served.outcomes.map((one) => (one.id === of ? { ...one, outcome } : one)),
})

test('each result is as the schema wants it, and has every case', () => {
  const ajv = new Ajv2020({ strict: false })
  for (const name of readdirSync(RESULTS)) {
    const result = read(name)
    assert.ok(ajv.validate({ ...schema, $ref: '#/$defs/result' }, result), `${name}: ${ajv.errorsText()}`)
    assert.deepEqual(result.outcomes.map(({ id }) => id).sort(), cases.map(({ id }) => id).sort(), name)
  }
})

test('each page has the table of the results: node test/suite/score/docs.ts writes it', () => {
  for (const { path, columns } of PAGES) {
    const page = readFileSync(path, 'utf8')
    assert.match(page, /\| kubelet-csr-gate \|/u, path)
    assert.equal(page, withResults(page, columns), path)
  }
})

test('every approver of the list can be read', async () => {
  for (const name of names) assert.notEqual((await approverCalled(name)).told, '', name)
})

test('what another may rightly approve is what no certificate shows to be wrong, or what the cluster does not tell', () => {
  const { outcomes } = read('everything.json')
  const foreign = new Set(outcomes.filter(({ says }) => says !== undefined).map(({ id }) => id))
  assert.deepEqual(
    arguableCases
      .filter(({ id }) => foreign.has(id))
      .map(({ id }) => id)
      .sort(),
    [
      'its-own-name-in-a-foreign-domain',
      'reports-a-reserved-address',
      'reports-a-reserved-name',
      'reports-the-same-address-as-twin-1-neither-approved-yet',
    ],
  )
})

test('an approver passes that serves every honest node, and lets nothing be signed that nobody may', () => {
  assert.equal(passes(served), true)
  assert.equal(passes({ ...served, renewed: 16 }), false)
  assert.equal(passes(withOutcome('dual-stack', 'denied')), false)
  assert.equal(passes(withOutcome('loopback', 'issued')), false)
  assert.equal(passes(withOutcome('rsa-1024', 'issued')), true)
  assert.equal(passes({ ...withOutcome('ed25519', 'denied'), renewed: 16 }), true)
  assert.deepEqual(faultsOf(withOutcome('loopback', 'issued')), ['loopback: loopback: issued'])
})

test('a hostile case is judged by what its certificate says, else by how its CSR stands', async () => {
  const [one] = cases.filter(({ id }) => id === 'loopback')
  assert.ok(one)
  const { user } = requesterOf(one)
  const authority = await createAuthority('test')
  const signed = async (name: string): Promise<Standing> => {
    const holder = { commonName: user, organizations: ['system:nodes'], names: [name] }
    return { ...pending, approved: true, certificate: (await authority.issue(holder)).certPem }
  }
  const own = await signed(user.replace('system:node:', ''))
  const outcomeOf = (standing: Standing | undefined) => hostileOutcome(one, standing)
  assert.deepEqual(outcomeOf(own), { id: 'loopback', outcome: 'issued' })
  assert.deepEqual(outcomeOf(await signed('victim-1')), {
    id: 'loopback',
    outcome: 'issued',
    says: ['DNS:victim-1'],
  })
  assert.equal(outcomeOf({ ...pending, denied: true }).outcome, 'denied')
  assert.equal(outcomeOf({ ...pending, approved: true, failed: true }).outcome, 'unsigned')
  assert.equal(outcomeOf(pending).outcome, 'left')
  assert.equal(outcomeOf(undefined).outcome, 'left')
})

test('a fault shows three things of a certificate that says more, and no character that a terminal obeys', () => {
  const says = ['DNS:a\nb', 'DNS:c', 'DNS:d', 'DNS:e', 'DNS:f']
  const result = withOutcome('loopback', 'issued')
  const outcomes = result.outcomes.map((one) => (one.id === 'loopback' ? { ...one, says } : one))
  assert.deepEqual(faultsOf({ ...result, outcomes }), [
    'loopback: loopback: issued, with DNS:a\\nb · DNS:c · DNS:d · 2 more',
  ])
})

test('what ours lets be issued without knowing whose it is, it tells; with require there is none', () => {
  for (const name of readdirSync(RESULTS).filter((one) => one.startsWith('kubelet-csr-gate'))) {
    const strange = read(name).outcomes.filter(({ says }) => says !== undefined)
    for (const { told = '' } of strange) assert.match(told, /^Conforms: all \d+ checks pass; ./u, name)
    if (name.includes('require')) assert.deepEqual(strange, [])
  }
})

test('ours passes in each result, and approves nothing that the signer then refuses', () => {
  const ours = readdirSync(RESULTS).filter((name) => name.startsWith('kubelet-csr-gate'))
  assert.equal(ours.length, 5)
  for (const name of ours) {
    assert.ok(passes(read(name)), name)
    assert.deepEqual(
      read(name).outcomes.filter(({ outcome }) => outcome === 'unsigned'),
      [],
      name,
    )
  }
})
