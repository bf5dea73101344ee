import { test } from 'node:test'
import { fail, pass } from '../check.ts'
import { expectOutcome, goodFacts, goodIPv4, withAddresses } from '../good-request.fixture.ts'
import { addressesAreWellFormed } from './addresses-are-well-formed.ts'

test('an address has 4 or 16 octets', () => {
  expectOutcome(addressesAreWellFormed, goodFacts, pass)
  for (const octets of [0, 1, 3, 5, 8, 15, 17, 32, 60_000]) {
    const wanted = fail(`an address has ${octets} octets`, { at: 196 })
    expectOutcome(addressesAreWellFormed, withAddresses(['0a'.repeat(octets)]), wanted)
  }
})

test('an IPv4 address mapped into IPv6 is refused, since clients differ on what it is', () => {
  const mapped = `00000000000000000000ffff${goodIPv4}`
  const wanted = fail('the address ::ffff:198.51.100.11 is IPv4 mapped into IPv6', { at: 196 })
  expectOutcome(addressesAreWellFormed, withAddresses([mapped]), wanted)
  // The deprecated ::198.51.100.11 is another address.
  expectOutcome(addressesAreWellFormed, withAddresses([goodIPv4.padStart(32, '0')]), pass)
})

test('every address is checked, not only the first', () => {
  const wanted = fail('an address has 3 octets', { at: 196 })
  expectOutcome(addressesAreWellFormed, withAddresses([goodIPv4, '0a0000']), wanted)
})
