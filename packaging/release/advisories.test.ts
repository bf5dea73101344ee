import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readAudit } from './advisories.ts'

const report = (vulnerabilities: object): string => JSON.stringify({ auditReportVersion: 2, vulnerabilities })

test('a report without a high or critical advisory is clean', () => {
  const low = { name: 'debug', severity: 'low', via: [{ title: 'slow' }] }
  assert.deepEqual(readAudit(report({})), { known: true, serious: [] })
  assert.deepEqual(readAudit(report({ debug: low })), { known: true, serious: [] })
})

test('a high advisory is told with its title, or the dependency it comes through', () => {
  const ajv = { name: 'ajv', severity: 'high', via: [{ title: 'prototype pollution' }, 'fast-uri'] }
  assert.deepEqual(readAudit(report({ ajv })), {
    known: true,
    serious: [{ name: 'ajv', severity: 'high', title: 'prototype pollution; through fast-uri' }],
  })
})

test('a registry that does not answer leaves it unknown, never clean', () => {
  assert.deepEqual(readAudit('{"message":"405 Method Not Allowed"}'), {
    known: false,
    because: '405 Method Not Allowed',
  })
  for (const printed of ['', 'null', '{}', '[]', '{"auditReportVersion":1,"vulnerabilities":{}}'])
    assert.deepEqual(readAudit(printed), { known: false, because: 'npm audit printed no report' })
})
