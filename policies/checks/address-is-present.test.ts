import { test } from 'node:test'
import { fail, pass } from '../check.ts'
import { expectOutcome, goodIPv6, rulesWith, withAddresses } from '../good-request.fixture.ts'
import { addressIsPresent } from './address-is-present.ts'

test('a request for names alone waits until the Node has an address', () => {
  expectOutcome(
    addressIsPresent,
    withAddresses([]),
    fail("the request has no address. Check the kubelet's --node-ip and the cloud provider"),
  )
  expectOutcome(addressIsPresent, withAddresses([goodIPv6]), pass)
})

test('a policy may do without addresses', async () => {
  expectOutcome(addressIsPresent, withAddresses([]), pass, await rulesWith({ requireAddress: false }))
})
