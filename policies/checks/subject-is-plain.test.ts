import { test } from 'node:test'
import { fail, pass } from '../check.ts'
import { expectOutcome, goodFacts, withRequest } from '../good-request.fixture.ts'
import type { SubjectAttribute } from '../types.ts'
import { subjectIsPlain } from './subject-is-plain.ts'

const organization = { oid: '2.5.4.10', encoding: 'PrintableString', value: 'system:nodes', at: 13 }
const commonName = { oid: '2.5.4.3', encoding: 'PrintableString', value: 'system:node:worker-1', at: 36 }

test('a subject holds a common name and an organization, in either order and either string type', () => {
  expectOutcome(subjectIsPlain, goodFacts, pass)
  expectOutcome(subjectIsPlain, withSubject([commonName], [organization]), pass)
  const inUtf8 = [{ ...organization, encoding: 'UTF8String' }]
  expectOutcome(subjectIsPlain, withSubject(inUtf8, [commonName]), pass)
})

test('a subject holds nothing else', () => {
  const unit = { oid: '2.5.4.11', encoding: 'PrintableString', value: 'kube-system', at: 60 }
  const wanted = fail(
    'the subject has the attribute 2.5.4.11. Only a common name and an organization are allowed',
    { at: 60 },
  )
  expectOutcome(subjectIsPlain, withSubject([organization], [commonName], [unit]), wanted)
})

test('a relative distinguished name has one attribute', () => {
  const wanted = fail('a relative distinguished name has 2 attributes. It must have one', { at: 36 })
  expectOutcome(subjectIsPlain, withSubject([organization, commonName]), wanted)
})

test('a relative distinguished name is not empty', () => {
  const wanted = fail('a relative distinguished name is empty')
  expectOutcome(subjectIsPlain, withSubject([organization], [], [commonName]), wanted)
})

test('a string type that parsers read differently is refused', () => {
  for (const encoding of ['TeletexString', 'BMPString', 'UniversalString', 'IA5String', '']) {
    const wanted = fail(
      `the attribute 2.5.4.3 is a ${encoding}. It must be a PrintableString or a UTF8String`,
      { at: 36 },
    )
    expectOutcome(subjectIsPlain, withSubject([organization], [{ ...commonName, encoding }]), wanted)
  }
})

function withSubject(...subject: SubjectAttribute[][]) {
  return withRequest({ subject })
}
