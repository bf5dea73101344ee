import { test } from 'node:test'
import { fail, pass } from '../check.ts'
import { expectOutcome, goodFacts, withAddresses, withNames, withRequest } from '../good-request.fixture.ts'
import type { SanKind } from '../types.ts'
import { sansAreNamesAndAddresses } from './sans-are-names-and-addresses.ts'

test('no other kind of name may be asked for', () => {
  const kinds: SanKind[] = [
    'otherName',
    'rfc822Name',
    'x400Address',
    'directoryName',
    'ediPartyName',
    'uniformResourceIdentifier',
    'registeredID',
  ]
  for (const kind of kinds) {
    const facts = withRequest({ sans: [...goodFacts.request.sans, { kind, value: '2a03', at: 220 }] })
    expectOutcome(sansAreNamesAndAddresses, facts, fail(`asks for a name of the kind ${kind}`, { at: 220 }))
  }
})

test('a request may have only names or only addresses', () => {
  expectOutcome(sansAreNamesAndAddresses, withNames([]), pass)
  expectOutcome(sansAreNamesAndAddresses, withAddresses([]), pass)
})

test('a request has at least one name or address', () => {
  const wanted = fail('asks for neither a DNS name nor an address')
  expectOutcome(sansAreNamesAndAddresses, withRequest({ sans: [] }), wanted)
})

test('a request has at most 100 names and addresses', () => {
  // Two addresses are there already.
  expectOutcome(sansAreNamesAndAddresses, withNames(namesUpTo(98)), pass)
  const wanted = fail('asks for 101 names and addresses')
  expectOutcome(sansAreNamesAndAddresses, withNames(namesUpTo(99)), wanted)
})

function namesUpTo(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `worker-${index}`)
}
