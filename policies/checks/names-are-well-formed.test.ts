import { test } from 'node:test'
import { fail, pass } from '../check.ts'
import { expectOutcome, withNames } from '../good-request.fixture.ts'
import { shown } from '../text.ts'
import { namesAreWellFormed } from './names-are-well-formed.ts'

const NOT_LDH = 'has a label that is not letters, digits and hyphens'

test('a wildcard, which covers every node, is refused', () => {
  expectMalformed('*.example.com', 'is a wildcard')
  expectMalformed('*', 'is a wildcard')
  expectMalformed('w*.example.com', NOT_LDH)
  expectMalformed('worker-1.*.com', NOT_LDH)
})

test('a trailing dot is refused', () => {
  expectMalformed('worker-1.', 'ends in a dot')
  expectMalformed('.', 'ends in a dot')
})

test('a label consists of letters, digits and inner hyphens', () => {
  const malformed = ['', '.a', 'a..b', 'a_b', '-a', 'a-', 'a.-b', 'a b', 'a:b', 'a@b', 'a/b', '[a]']
  for (const name of malformed) expectMalformed(name, NOT_LDH)
})

test('a NUL, a line end or a character outside ASCII is refused', () => {
  expectMalformed('worker-1\u0000.example.com', NOT_LDH, String.raw`"worker-1\u0000.example.com"`)
  expectMalformed('worker-1\n', NOT_LDH, String.raw`"worker-1\u000a"`)
  // KELVIN SIGN becomes "k" when lower-cased, and U+FF0E a dot in IDNA.
  expectMalformed('\u212aubernetes', NOT_LDH, String.raw`"\u212aubernetes"`)
  expectMalformed('kubernetes\uff0edefault', NOT_LDH, String.raw`"kubernetes\uff0edefault"`)
})

test('labels have at most 63 characters, names at most 253', () => {
  const label = 'a'.repeat(63)
  expectOutcome(namesAreWellFormed, withNames([label]), pass)
  expectMalformed(`${label}a`, NOT_LDH)
  const longest = [label, label, label, 'a'.repeat(61)].join('.')
  expectOutcome(namesAreWellFormed, withNames([longest]), pass)
  expectMalformed(`${longest}a`, 'has 254 characters', `"${longest.slice(0, 80)}..."`)
})

test('what reads as an address in some client is refused', () => {
  const lookalikes = [
    '10.0.0.1',
    '010.0.0.1',
    '10.1',
    '1.2.3',
    '0x0a000001',
    '0xa.1',
    '0x',
    '0X7F.1',
    '3232235777',
    '16777216',
    'a.1',
    'worker-1.0x7f',
  ]
  for (const name of lookalikes) expectMalformed(name, 'reads as an address')
})

test('a name that only resembles an address is allowed', () => {
  const names = [
    '1234',
    '16777215',
    '10.0.0.1.example.com',
    'ip-10-0-0-1',
    '0x7g',
    '1.a',
    'xn--fiqs8s.example.com',
    'WORKER-1',
    'xn--bcher-kva',
    'a--b',
  ]
  expectOutcome(namesAreWellFormed, withNames(names), pass)
})

test('an xn-- label encodes something', () => {
  for (const name of ['xn--bcher-kv', 'XN--0', 'a.xn--999999999', 'xn--worker-z9', 'xn--a'])
    expectMalformed(name, 'has an xn-- label that is not valid punycode')
})

test('every name is checked, not only the first', () => {
  const wanted = fail('the DNS name "*.b" is a wildcard', { at: 186 })
  expectOutcome(namesAreWellFormed, withNames(['worker-1', '*.b']), wanted)
})

function expectMalformed(name: string, problem: string, written = shown(name)): void {
  expectOutcome(
    namesAreWellFormed,
    withNames([name]),
    fail(`the DNS name ${written} ${problem}`, { at: 186 }),
  )
}
