import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { checkCodes } from '../../policies/codes.ts'
import { faultRules } from '../../server/der/faults.ts'
import * as places from '../kit/places.ts'
import { schema } from './schema.ts'
import { cases, clusterFile } from './suite.ts'

const read = (name: string) => JSON.parse(readFileSync(join(import.meta.dirname, name), 'utf8'))

test('schema.json is what schema.ts says: node test/suite/schema.ts writes it', () => {
  assert.deepEqual(read('schema.json'), JSON.parse(JSON.stringify(schema)))
})

test('every file of the suite is as the schema wants it', () => {
  const ajv = new Ajv2020({ strict: false })
  const suite = read('suite.json')
  const files = [
    ['suite', 'suite.json'],
    ['cluster', suite.cluster],
    ...suite.cases.map((name: string) => ['cases', name]),
    ['sequences', 'sequences/honest.json'],
    ['sequences', 'sequences/named.json'],
    ['matrix', 'sequences/matrix.json'],
  ]
  for (const [kind, name] of files) {
    const isValid = ajv.validate({ ...schema, $ref: `#/$defs/${kind}` }, read(name))
    assert.ok(isValid, `${name}: ${ajv.errorsText()}`)
  }
})

test('no two cases have one id', () => {
  assert.deepEqual(
    cases.map(({ id }) => id).filter((id, index, all) => all.indexOf(id) !== index),
    [],
  )
})

test('every case has a source, and every hostile one a reason that holds for any approver', () => {
  for (const { id, source = '', why = '', expected } of cases) {
    assert.notEqual(source, '', id)
    assert.equal(why === '', expected.decision === 'approve', id)
    assert.doesNotMatch(why, /node-forge|kubelet-csr-gate/u, id)
  }
})

test('every reason and fault of a case is a code that exists', () => {
  const reasons = new Set<string | undefined>(checkCodes)
  for (const { id, expected } of cases) {
    const { decision, reason, fault } = expected
    assert.equal(reasons.has(reason), decision !== 'approve', `${id}: ${reason}`)
    if (fault !== undefined) assert.deepEqual([reason, fault in faultRules], ['CsrUnreadable', true], id)
  }
})

test('the cluster of the suite is the one that tests start', () => {
  const { apiServer, serviceCidrs } = clusterFile
  assert.equal(apiServer.node, places.CONTROL_PLANE_HOST)
  assert.deepEqual(apiServer.names, places.API_SERVER_NAMES)
  assert.deepEqual(apiServer.addresses, places.API_SERVER_ADDRESSES)
  assert.deepEqual(serviceCidrs, [places.SERVICE_CIDR, places.SERVICE_CIDR_V6])
})
