import { test } from 'node:test'
import { fail, pass, unknown } from '../check.ts'
import {
  expectOutcome,
  goodFacts,
  goodIPv4,
  goodIPv6,
  notLearnt,
  withAddresses,
  withCluster,
} from '../good-request.fixture.ts'
import { addressesAreOfNode } from './addresses-are-of-node.ts'

const NODE = "Node worker-1 (it has 198.51.100.11, 2001:db8::11). Check the kubelet's --node-ip"

test('a node may not ask for an address that its Node does not report', () => {
  const wanted = fail(`198.51.100.12, 2001:db8::12 are not addresses of ${NODE}`)
  const foreign = ['c633640c', goodIPv6.replace(/11$/u, '12')]
  expectOutcome(addressesAreOfNode, withAddresses([goodIPv4, ...foreign]), wanted)
  expectOutcome(addressesAreOfNode, goodFacts, pass)
})

test('a request may leave out what the Node reports', () => {
  expectOutcome(addressesAreOfNode, withAddresses([goodIPv6]), pass)
})

test('an IPv4 address is not the IPv6 address that ends in it', () => {
  const wanted = fail(`::ffff:198.51.100.11, ::c633:640b are not addresses of ${NODE}`)
  const lookalikes = [`00000000000000000000ffff${goodIPv4}`, goodIPv4.padStart(32, '0')]
  expectOutcome(addressesAreOfNode, withAddresses(lookalikes), wanted)
})

test('what is no address is not reported either', () => {
  const wanted = fail(`0x, 0xc633640b00, "0x${'0a'.repeat(39)}..." are not addresses of ${NODE}`)
  expectOutcome(addressesAreOfNode, withAddresses(['', `${goodIPv4}00`, '0a'.repeat(60_000)]), wanted)
})

test('a request for names alone has no address to hold against it', () => {
  const without = withCluster({ node: notLearnt('the Node could not be read: 500 InternalError') })
  expectOutcome(addressesAreOfNode, withAddresses([], without), pass)
})

test('without its Node an address is nobody’s; with one that could not be read it is open', () => {
  const gone = withCluster({ node: { known: true, value: null } })
  const wanted = fail('198.51.100.11, 2001:db8::11 are not addresses of Node worker-1, which does not exist')
  expectOutcome(addressesAreOfNode, gone, wanted)
  const unread = withCluster({ node: notLearnt('the Node could not be read: 0 TimedOut') })
  expectOutcome(addressesAreOfNode, unread, unknown('the Node could not be read: 0 TimedOut'))
})
