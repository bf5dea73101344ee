import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseAddress } from '../../policies/address.ts'
import { compileRules } from '../../policies/rules.ts'
import { defaultSettings } from '../../policies/settings.ts'
import type { Reservation } from '../../policies/types.ts'
import { mayDial } from './may-dial.ts'

const compiled = await compileRules(
  { ...defaultSettings, reserved: { names: [], addresses: ['192.0.2.0/24'], namespaces: [] } },
  'hash',
)
assert.ok(compiled.ok)
const { rules } = compiled
const reservation = (kind: 'address' | 'prefix', value: string, apiServer: boolean): Reservation => ({
  kind,
  value,
  origin: 'the cluster',
  apiServer,
})
const reserved = {
  known: true,
  value: [
    reservation('prefix', '0a600000/12', false),
    reservation('address', '0a000001', true),
    reservation('address', '0a000002', true),
    reservation('address', '0a000002', false),
  ],
} as const

function isDialled(text: string): boolean {
  return mayDial(parseAddress(text) ?? '', reserved, rules)
}

test('the controller dials addresses of nodes, a control-plane node’s included', () => {
  assert.deepEqual(['10.0.0.9', '10.0.0.1', 'fd00::9'].map(isDialled), [true, true, true])
})

test('the controller dials nothing that is reserved, in whatever form', () => {
  for (const address of [
    '127.0.0.1',
    '0.0.0.0',
    '169.254.169.254',
    '224.0.0.1',
    '255.255.255.255',
    '::1',
    '::',
    'fe80::1',
    'ff02::1',
    '::ffff:127.0.0.1',
    '64:ff9b::7f00:1',
    '10.96.0.1',
    '::ffff:10.96.0.1',
    '10.0.0.2',
    '192.0.2.7',
  ])
    assert.equal(isDialled(address), false, address)
})

test('the controller dials nothing that is no address', () => {
  for (const text of ['', '0a0000', '0a00000900', 'localhost', '0A000009'])
    assert.equal(mayDial(text, reserved, rules), false, text)
})

test('the controller dials nothing while it does not know what is reserved', () => {
  assert.equal(mayDial('0a000009', { known: false, because: 'not read yet' }, rules), false)
})
