import { test } from 'node:test'
import { formatAddress, parseAddress, parsePrefix } from '../address.ts'
import { fail, pass, unknown } from '../check.ts'
import {
  defaultRules,
  expectOutcome,
  goodIPv4,
  notLearnt,
  rulesWith,
  withAddresses,
  withCluster,
  withNode,
} from '../good-request.fixture.ts'
import { encodePrefix } from '../reserved.ts'
import type { Reservation } from '../types.ts'
import { addressesAreUnreserved } from './addresses-are-unreserved.ts'

/** 198.51.100.10, where the API server listens. */
const ENDPOINT = 'c633640a'

test('no node, not even a control-plane node, may have an address that belongs to no host', () => {
  const LINK_LOCAL6 = `fe80${'0'.repeat(27)}1`
  for (const [address, origin] of [
    ['00000000', 'unspecified, RFC 1122 §3.2.1.3'],
    ['00ffffff', 'unspecified, RFC 1122 §3.2.1.3'],
    ['7f000001', 'loopback, RFC 1122 §3.2.1.3'],
    ['7fffffff', 'loopback, RFC 1122 §3.2.1.3'],
    ['a9fea9fe', 'link-local, RFC 3927'],
    ['e0000001', 'multicast, RFC 5771'],
    ['efffffff', 'multicast, RFC 5771'],
    ['f0000001', 'reserved and broadcast, RFC 1112 §4'],
    ['ffffffff', 'reserved and broadcast, RFC 1112 §4'],
    ['0'.repeat(32), 'unspecified, RFC 4291 §2.5.2'],
    [`${'0'.repeat(31)}1`, 'loopback, RFC 4291 §2.5.3'],
    [LINK_LOCAL6, 'link-local, RFC 4291 §2.5.6'],
    [`febf${'f'.repeat(28)}`, 'link-local, RFC 4291 §2.5.6'],
    [`fec0${'0'.repeat(27)}1`, 'site-local, RFC 3879'],
    ['c0586301', 'anycast of 6to4 relays, RFC 7526'],
    [`ff02${'0'.repeat(27)}1`, 'multicast, RFC 4291 §2.7'],
  ] as const)
    expectReserved(address, origin)
})

test('the addresses next to those ranges are allowed', () => {
  const beside = ['01000000', '7e000001', '80000000', 'a9fd0001', 'a9ff0001', 'dfffffff', '0a000001']
  const beside6 = [
    `${'0'.repeat(24)}0a000001`,
    `fe7f${'f'.repeat(28)}`,
    `fdff${'0'.repeat(28)}`,
    `fd${'0'.repeat(30)}`,
  ]
  expectOutcome(addressesAreUnreserved, withAddresses([...beside, ...beside6]), pass)
})

test('a policy reserves addresses and prefixes', async () => {
  const rules = await rulesWith({
    reserved: { names: [], addresses: ['192.0.2.0/24', '203.0.113.7', '2001:db8:ffff::/48'], namespaces: [] },
  })
  for (const [address, prefix] of [
    ['c0000201', '192.0.2.0/24'],
    ['c00002ff', '192.0.2.0/24'],
    ['cb007107', '203.0.113.7/32'],
    [`20010db8ffff${'0'.repeat(20)}`, '2001:db8:ffff::/48'],
  ] as const)
    expectReserved(address, `${prefix} of reserved.addresses in the policy`, rules)
  expectOutcome(addressesAreUnreserved, withAddresses(['c0000301', 'cb007106']), pass, rules)
})

test('no node, not even a control-plane node, may have the address of a Service', () => {
  const range = { kind: 'prefix', value: '0a600000/16', origin: 'the Service range kubernetes' } as const
  const value = [apiServer('0a600001'), { ...range, apiServer: false }]
  const facts = withCluster({ reserved: { known: true, value } }, withAddresses(['0a600001']))
  const wanted = fail('10.96.0.1 is reserved: the Service range kubernetes')
  expectOutcome(
    addressesAreUnreserved,
    withNode({ addresses: ['0a600001'], controlPlane: true }, facts),
    wanted,
  )
  expectOutcome(addressesAreUnreserved, withAddresses(['0a610001'], facts), pass)
})

test('only a control-plane Node that reports the API server’s address may have it', () => {
  const reserved = { known: true, value: [apiServer(ENDPOINT)] } as const
  const asks = withAddresses([ENDPOINT], withCluster({ reserved }))
  const refused = fail(
    '198.51.100.10 is reserved: an endpoint of the API server. Only a Node that reports it and has the label node-role.kubernetes.io/control-plane may ask for it',
  )
  const addresses = [ENDPOINT]
  expectOutcome(addressesAreUnreserved, withNode({ addresses, controlPlane: true }, asks), pass)
  expectOutcome(addressesAreUnreserved, withNode({ addresses, controlPlane: false }, asks), refused)
  expectOutcome(addressesAreUnreserved, withNode({ addresses: [], controlPlane: true }, asks), refused)
  expectOutcome(addressesAreUnreserved, withCluster({ node: { known: true, value: null } }, asks), refused)
})

test('a range is encoded as the facts encode it', () => {
  for (const text of ['10.96.0.0/16', '10.96.0.1', '2001:db8::/33']) {
    const prefix = parsePrefix(text)
    if (prefix === undefined) throw new Error(text)
    const range = {
      kind: 'prefix',
      value: encodePrefix(prefix),
      origin: 'a range',
      apiServer: false,
    } as const
    const facts = withCluster({ reserved: { known: true, value: [range] } })
    const wanted = fail(`${formatAddress(prefix.address)} is reserved: a range`)
    expectOutcome(addressesAreUnreserved, withAddresses([prefix.address], facts), wanted)
    expectOutcome(addressesAreUnreserved, withAddresses(['0a610000'], facts), pass)
  }
})

test('an IPv4 range contains no IPv6 address', () => {
  const everything = { kind: 'prefix', value: '00000000/0', origin: 'everything', apiServer: false } as const
  const facts = withCluster({ reserved: { known: true, value: [everything] } })
  const wanted = fail('198.51.100.11 is reserved: everything')
  expectOutcome(addressesAreUnreserved, facts, wanted)
  expectOutcome(addressesAreUnreserved, withAddresses([`20010db8${'0'.repeat(24)}`], facts), pass)
})

test('an IPv6 address that embeds a reserved IPv4 address is reserved as well, in every form', () => {
  const range = { kind: 'prefix', value: '0a600000/16', origin: 'the Service range kubernetes' } as const
  const facts = withCluster({ reserved: { known: true, value: [{ ...range, apiServer: false }] } })
  for (const text of [
    '64:ff9b::10.96.0.1',
    '64:ff9b:1:2:3:4:10.96.0.1',
    '2002:a60:1::5',
    '::10.96.0.1',
    '::ffff:0:10.96.0.1',
    'fd00::5efe:10.96.0.1',
    'fd00::200:5efe:10.96.0.1',
    '2001:0:a60:1::1',
    '2001:0:102:304::f59f:fffe',
  ]) {
    const address = parseAddress(text)
    if (address === undefined) throw new Error(text)
    const wanted = fail(
      `${formatAddress(address)} is reserved: it contains 10.96.0.1, the Service range kubernetes`,
    )
    expectOutcome(addressesAreUnreserved, withAddresses([address], facts), wanted)
  }
  for (const text of ['64:ff9b::10.97.0.1', '2002:a61:1::5', '2001:db8::a60:1', '64:ff9b:2::10.96.0.1'])
    expectOutcome(addressesAreUnreserved, withAddresses([parseAddress(text) ?? ''], facts), pass)
})

test('an IPv6 address that embeds one of the API server’s is nobody’s, not even a control-plane node’s', () => {
  const address = `0064ff9b${'0'.repeat(16)}${ENDPOINT}`
  const reserved = { known: true, value: [apiServer(ENDPOINT)] } as const
  const facts = withAddresses([address], withCluster({ reserved }))
  const wanted = fail(
    '64:ff9b::c633:640a is reserved: it contains 198.51.100.10, an endpoint of the API server',
  )
  expectOutcome(addressesAreUnreserved, withNode({ addresses: [address], controlPlane: true }, facts), wanted)
})

test('if the reservations are unknown, an address is unknown too, unless it is reserved by rule', () => {
  const facts = withCluster({ reserved: notLearnt('the watch of Services has been silent for 80 s') })
  expectOutcome(addressesAreUnreserved, facts, unknown('the watch of Services has been silent for 80 s'))
  const wanted = fail('127.0.0.1 is reserved: loopback, RFC 1122 §3.2.1.3')
  expectOutcome(addressesAreUnreserved, withAddresses([goodIPv4, '7f000001'], facts), wanted)
  expectOutcome(addressesAreUnreserved, withAddresses([], facts), pass)
})

test('if the Node is unknown, an address of the API server is unknown too', () => {
  const reserved = { known: true, value: [apiServer(goodIPv4)] } as const
  const facts = withCluster({ reserved, node: notLearnt('the Node could not be read: 0 TimedOut') })
  expectOutcome(addressesAreUnreserved, facts, unknown('the Node could not be read: 0 TimedOut'))
})

function expectReserved(address: string, origin: string, rules = defaultRules): void {
  const asks = withAddresses([goodIPv4, address])
  const facts = withNode({ addresses: [goodIPv4, address], controlPlane: true }, asks)
  const wanted = fail(`${formatAddress(address)} is reserved: ${origin}`)
  expectOutcome(addressesAreUnreserved, facts, wanted, rules)
}

function apiServer(value: string): Reservation {
  return { kind: 'address', value, origin: 'an endpoint of the API server', apiServer: true }
}
