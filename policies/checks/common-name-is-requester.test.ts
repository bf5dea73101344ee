import { test } from 'node:test'
import { fail, pass } from '../check.ts'
import { expectOutcome, goodFacts, withRequest } from '../good-request.fixture.ts'
import { shown } from '../text.ts'
import type { SubjectAttribute } from '../types.ts'
import { commonNameIsRequester } from './common-name-is-requester.ts'

const organization = { oid: '2.5.4.10', encoding: 'PrintableString', value: 'system:nodes', at: 13 }

const MUST = 'There must be exactly one, the requester: system:node:worker-1'

test('a node may not ask for a certificate in the name of another', () => {
  const wanted = fail(`the common name is system:node:worker-10. ${MUST}`)
  expectOutcome(commonNameIsRequester, withCommonNames('system:node:worker-10'), wanted)
  expectOutcome(commonNameIsRequester, withCommonNames('system:node:worker-1'), pass)
})

test('a common name is compared to the letter', () => {
  for (const name of ['System:node:worker-1', 'system:node:worker-1 ', 'system:node:worker', '']) {
    const wanted = fail(`the common name is ${shown(name)}. ${MUST}`)
    expectOutcome(commonNameIsRequester, withCommonNames(name), wanted)
  }
})

test('there is exactly one common name, since parsers differ on which of two counts', () => {
  const both = fail(`the common name is system:node:worker-1, admin. ${MUST}`)
  expectOutcome(commonNameIsRequester, withCommonNames('system:node:worker-1', 'admin'), both)
  const twice = fail(`the common name is system:node:worker-1, system:node:worker-1. ${MUST}`)
  expectOutcome(commonNameIsRequester, withCommonNames('system:node:worker-1', 'system:node:worker-1'), twice)
  const without = fail(`the common name is (none). ${MUST}`)
  expectOutcome(commonNameIsRequester, withCommonNames(), without)
})

test('a common name hidden in a multi-valued RDN counts', () => {
  const facts = withRequest({
    subject: [...goodFacts.request.subject, [organization, commonName('admin')]],
  })
  const wanted = fail(`the common name is system:node:worker-1, admin. ${MUST}`)
  expectOutcome(commonNameIsRequester, facts, wanted)
})

test('what the requester wrote is quoted and cut', () => {
  const wanted = fail(
    String.raw`the common name is "\u001b[2J\"\u202e", "${'a'.repeat(80)}...", "\ud83d\ude00" and 2 more. ${MUST}`,
  )
  const facts = withCommonNames('\u001b[2J"\u202e', 'a'.repeat(60_000), '\u{1f600}', 'x', 'y')
  expectOutcome(commonNameIsRequester, facts, wanted)
})

function withCommonNames(...names: string[]) {
  return withRequest({ subject: [[organization], ...names.map((name) => [commonName(name)])] })
}

function commonName(value: string): SubjectAttribute {
  return { oid: '2.5.4.3', encoding: 'UTF8String', value, at: 36 }
}
