import { test } from 'node:test'
import { formatAddress, parsePrefix } from '../address.ts'
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

test('no node is given an address that belongs to no host, not even a control-plane Node', () => {
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
    [`ff02${'0'.repeat(27)}1`, 'multicast, RFC 4291 §2.7'],
  ] as const)
    expectReserved(address, origin)
})

test('the addresses beside those ranges are free', () => {
  const beside = ['01000000', '7e000001', '80000000', 'a9fd0001', 'a9ff0001', 'dfffffff', '0a000001']
  const beside6 = [
    `${'0'.repeat(31)}2`,
    `fe7f${'f'.repeat(28)}`,
    `fec0${'0'.repeat(28)}`,
    `fd${'0'.repeat(30)}`,
  ]
  expectOutcome(addressesAreUnreserved, withAddresses([...beside, ...beside6]), pass)
})

test('a policy reserves addresses and prefixes', async () => {
  const rules = await rulesWith({
    reserved: { names: [], addresses: ['192.0.2.0/24', '203.0.113.7', '2001:db8:ffff::/48'] },
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

test('a Service’s address is nobody’s, a control-plane Node’s neither', () => {
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

test('the API server’s address is its own on the control-plane Node that reports it only', () => {
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

test('a range is carried as facts carry it', () => {
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

test('families never mix: an IPv4 range holds no IPv6 address', () => {
  const everything = { kind: 'prefix', value: '00000000/0', origin: 'everything', apiServer: false } as const
  const facts = withCluster({ reserved: { known: true, value: [everything] } })
  const wanted = fail('198.51.100.11 is reserved: everything')
  expectOutcome(addressesAreUnreserved, facts, wanted)
  expectOutcome(addressesAreUnreserved, withAddresses([`20010db8${'0'.repeat(24)}`], facts), pass)
})

test('reservations that could not be learnt leave an address open, but not one reserved by rule', () => {
  const facts = withCluster({ reserved: notLearnt('the watch of Services has been silent for 80 s') })
  expectOutcome(addressesAreUnreserved, facts, unknown('the watch of Services has been silent for 80 s'))
  const wanted = fail('127.0.0.1 is reserved: loopback, RFC 1122 §3.2.1.3')
  expectOutcome(addressesAreUnreserved, withAddresses([goodIPv4, '7f000001'], facts), wanted)
  expectOutcome(addressesAreUnreserved, withAddresses([], facts), pass)
})

test('a Node that could not be read may be the control-plane Node whose address it is', () => {
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
