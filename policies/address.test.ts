import { equal, deepEqual } from 'node:assert/strict'
// oxlint-disable-next-line no-restricted-imports -- a second opinion, in the test only
import { BlockList, isIP } from 'node:net'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  contains,
  embeddedIPv4,
  formatAddress,
  formatPrefix,
  isAddress,
  isMapped,
  parseAddress,
  parsePrefix,
  parseReportedAddress,
  unmapped,
} from './address.ts'

const octet = fc.integer({ min: 0, max: 255 })
const address4 = fc.tuple(octet, octet, octet, octet).map(toHex)
/** Runs of zeros on purpose: they are what "::" is about. */
const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }))
const address6 = fc
  .array(group, { minLength: 8, maxLength: 8 })
  .map((groups) => groups.map((value) => value.toString(16).padStart(4, '0')).join(''))
const address = fc.oneof(address4, address6)
const prefix = address.chain((value) =>
  fc.record({ address: fc.constant(value), bits: fc.integer({ min: 0, max: value.length * 4 }) }),
)
/** Text that is nearly an address. */
const nearly = fc.oneof(
  fc.string({ unit: fc.constantFrom(...'0123456789abcdefABCDEF:.%/ xg'.split('')), maxLength: 45 }),
  address.map(formatAddress),
  fc
    .array(fc.constantFrom('', '0', '00', '1', 'ffff', '10.0.0.1', '12345'), { maxLength: 10 })
    .map((parts) => parts.join(':')),
)

test('an address is the same after it is formatted and parsed', () => {
  fc.assert(fc.property(address, (value) => equal(parseAddress(formatAddress(value)), value)))
})

test('the parser accepts what node:net accepts, except zones', () => {
  fc.assert(
    fc.property(nearly, (text) => {
      equal(parseAddress(text) !== undefined, isIP(text) !== 0 && !text.includes('%'), text)
    }),
    { numRuns: 2_000 },
  )
})

test('"::" may stand for a single group', () => {
  for (const text of ['1:2:3:4:5:6:7::', '::2:3:4:5:6:7:8', '1::3:4:5:6:7:8'])
    equal(parseAddress(text)?.replaceAll('0', ''), text.replaceAll(':', ''), text)
})

test('text that lenient parsers read in different ways is not an address', () => {
  for (const text of texts(
    '010.0.0.1|10.1|0x0a000001|167772161|10.0.0.1.|10.0.0|10.0.0.0.1|256.0.0.1|| 10.0.0.1',
    '10.0.0.1 |10.0.0.1\n|１０.0.0.1|10.0.0.-1|10.0.0.1e0|+1.0.0.0|fe80::1%eth0|:|:::',
    '1::2::3|::1::|1:2:3:4:5:6:7|1:2:3:4:5:6:7:8:9|12345::|::10.0.0.01|10.0.0.1::',
    '::10.0.0.1:1|1:2:3:4:5:6:7:10.0.0.1|[::1]|::g|:1:2:3:4:5:6:7|1:2:3:4:5:6:7:',
    '1:2:3:4::5:6:7:8',
  ))
    equal(parseAddress(text), undefined, JSON.stringify(text))
})

test('every spelling of an IPv6 address is the same bytes', () => {
  for (const text of ['2001:db8::1', '2001:DB8:0:0:0:0:0:1', '2001:0db8::0.0.0.1', '2001:db8:0000::0:1'])
    equal(parseAddress(text), '20010db8000000000000000000000001')
})

test('an address is written as RFC 5952 writes it', () => {
  for (const [hex, text] of [
    ['0a000001', '10.0.0.1'],
    ['0'.repeat(32), '::'],
    [`${'0'.repeat(31)}1`, '::1'],
    ['20010db8000000000001000000000001', '2001:db8::1:0:0:1'],
    ['20010db8000000010001000100010001', '2001:db8:0:1:1:1:1:1'],
    ['00010000000000000000000000000000', '1::'],
    ['00010000000200000000000300000004', '1:0:2::3:0:4'],
    ['00000000000000000000ffff0a000001', '::ffff:10.0.0.1'],
  ] as const)
    equal(formatAddress(hex), text)
})

test('the deprecated ::10.0.0.1 is not the mapped ::ffff:10.0.0.1', () => {
  equal(parseAddress('::10.0.0.1'), '0000000000000000000000000a000001')
  equal(parseAddress('::ffff:10.0.0.1'), '00000000000000000000ffff0a000001')
})

test('only a mapped address stands for an IPv4 address', () => {
  fc.assert(
    fc.property(address4, (value) => {
      equal(unmapped(`00000000000000000000ffff${value}`), value)
      equal(isMapped(value), false)
    }),
  )
  equal(isMapped('00000000000000000000ffff0a00000100'), false)
  equal(unmapped('0000000000000000000000000a000001'), '0000000000000000000000000a000001')
})

test('what a Node reports is read as the kubelet reads it', () => {
  equal(parseReportedAddress('010.000.000.001'), '0a000001')
  equal(parseReportedAddress('::ffff:10.0.0.1'), '0a000001')
  equal(parseReportedAddress(`${'0'.repeat(15)}1.0.0.1`), '01000001')
  equal(parseReportedAddress(`${'0'.repeat(120)}1::2:3:4`), '00010000000000000000000200030004')
  equal(parseReportedAddress('2001:DB8::1'), '20010db8000000000000000000000001')
  for (const text of [
    '',
    '10.1',
    '0x0a.0.0.1',
    '0256.0.0.1',
    '1000.0.0.1',
    `${'0'.repeat(16)}1.0.0.1`,
    `${'0'.repeat(121)}1::2:3:4`,
    'fe80::1%eth0',
    `${'0'.repeat(60_000)}.0.0.0`,
  ])
    equal(parseReportedAddress(text), undefined, text.slice(0, 20))
})

test('each form in which an IPv6 address embeds an IPv4 address is known', () => {
  for (const text of [
    '::10.0.0.1',
    '::ffff:10.0.0.1',
    '::ffff:0:10.0.0.1',
    '64:ff9b::10.0.0.1',
    '64:ff9b:1::10.0.0.1',
  ])
    deepEqual(embeddedIPv4(parseAddress(text) ?? ''), ['0a000001'], text)
  deepEqual(embeddedIPv4(parseAddress('2002:a00:1::') ?? ''), ['0a000001'])
  deepEqual(embeddedIPv4(parseAddress('2001:db8::5efe:10.0.0.1') ?? ''), ['0a000001'])
  deepEqual(embeddedIPv4(parseAddress('2001:0:a00:2::f5ff:fffe') ?? ''), ['0a000002', '0a000001'])
  deepEqual(embeddedIPv4(parseAddress('2001:db8::10.0.0.1') ?? ''), [])
  // 32.1.0.0 and 32.2.0.1 begin as Teredo and 6to4 do.
  for (const text of ['10.0.0.1', '32.1.0.0', '32.2.0.1'])
    deepEqual(embeddedIPv4(parseAddress(text) ?? ''), [], text)
})

test('an address is 8 or 32 lower-case hex digits', () => {
  for (const value of ['0a000001', '0'.repeat(32)]) equal(isAddress(value), true)
  for (const value of ['', '0a00000', '0A000001', '0a000001\n', '0a0000010', 'g'.repeat(8), '0'.repeat(31)])
    equal(isAddress(value), false)
})

test('a prefix is the same after it is formatted and parsed, without host bits', () => {
  fc.assert(
    fc.property(prefix, ({ address: value, bits }) => {
      const masked = { address: mask(value, bits), bits }
      deepEqual(parsePrefix(formatPrefix(masked)), masked)
      if (masked.address !== value) equal(parsePrefix(formatPrefix({ address: value, bits })), undefined)
    }),
  )
})

test('text with host bits, leading zeros or missing parts is not a prefix', () => {
  for (const text of texts(
    '10.0.0.1/8|10/8|010.0.0.0/8|10.0.0.0/08|10.0.0.0/33|10.0.0.0/-1|10.0.0.0/|/8|',
    '10.0.0.0/8/8|10.0.0.0/8 |10.0.0.0/255.0.0.0|10.0.0.0/8.0|10.0.0.0/1e1|::/129|::1/64',
    'fe80::%eth0/10|2001:db8::/|::ffff:10.0.0.1/100',
  ))
    equal(parsePrefix(text), undefined, text)
  deepEqual(parsePrefix('10.0.0.0/8'), { address: '0a000000', bits: 8 })
  deepEqual(parsePrefix('10.0.0.1'), { address: '0a000001', bits: 32 })
  deepEqual(parsePrefix('::/0'), { address: '0'.repeat(32), bits: 0 })
})

test('a prefix contains what node:net.BlockList says it contains, within one family', () => {
  fc.assert(
    fc.property(prefix, address, fc.boolean(), ({ address: base, bits }, other, near) => {
      // Half of the addresses share the prefix's bits, or nearly all of them.
      const asked =
        near && other.length === base.length ? splice(base, other, bits - (bits % 3 === 0 ? 1 : 0)) : other
      const masked = { address: mask(base, bits), bits }
      const wanted = base.length === asked.length && blockListHas(masked.address, bits, asked)
      equal(contains(masked, asked), wanted, `${formatPrefix(masked)} ${formatAddress(asked)}`)
    }),
    { numRuns: 2_000 },
  )
})

test('an IPv4 prefix contains no mapped IPv6 address, unlike in BlockList', () => {
  equal(contains({ address: '0a000000', bits: 8 }, '00000000000000000000ffff0a000001'), false)
  equal(blockListHas('0a000000', 8, '00000000000000000000ffff0a000001'), true)
})

function blockListHas(base: string, bits: number, asked: string): boolean {
  const list = new BlockList()
  list.addSubnet(formatAddress(base), bits, family(base))
  return list.check(formatAddress(asked), family(asked))
}

function family(value: string): 'ipv4' | 'ipv6' {
  return value.length === 8 ? 'ipv4' : 'ipv6'
}

function toHex(octets: readonly number[]): string {
  return octets.map((value) => value.toString(16).padStart(2, '0')).join('')
}

/** The first `bits` bits of `value`, by arithmetic that address.ts does not use. */
function mask(value: string, bits: number): string {
  return splice(value, '0'.repeat(value.length), bits)
}

function splice(head: string, tail: string, bits: number): string {
  const width = BigInt(head.length * 4)
  const low = (1n << (width - BigInt(Math.max(bits, 0)))) - 1n
  const joined = (BigInt(`0x${head}`) & ~low) | (BigInt(`0x${tail}`) & low)
  return joined.toString(16).padStart(head.length, '0')
}

/** Texts parted by bars, several lines of them. */
function texts(...lines: string[]): string[] {
  return lines.flatMap((line) => line.split('|'))
}
