import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { defaultLimits } from './limits.ts'
import { compileRules } from './rules.ts'
import { defaultSettings } from './settings.ts'

const NOT_A_PREFIX =
  'is not an address or a prefix such as 10.0.0.0/8: no host bits, no leading zeros, no missing parts'

test('the default policy compiles, and gives its hash and itself to every decision', async () => {
  deepEqual(await compileRules(defaultSettings, '0123456789ab'), {
    ok: true,
    rules: {
      settings: defaultSettings,
      hash: '0123456789ab',
      patterns: [],
      prefixes: [],
      reservedAddresses: [],
      unreachable: [],
      limits: defaultLimits,
      pool: null,
      pools: [],
    },
  })
})

test('every fault is listed, each with its place', async () => {
  const settings = {
    ...defaultSettings,
    names: { patterns: ['a', '(', 'b'.repeat(257)] },
    addresses: { prefixes: ['10.0.0.1/8', '10.0.0.0/8', '10/8'] },
    reserved: { names: [], addresses: ['::1/64', '192.0.2.1'], namespaces: [] },
  }
  deepEqual(await compileRules(settings, '0123456789ab'), {
    ok: false,
    faults: [
      {
        path: 'names.patterns[1]',
        problem: 'is not an RE2 pattern: error parsing regexp: missing closing ): `(`',
      },
      { path: 'names.patterns[2]', problem: 'is longer than 256 characters' },
      { path: 'addresses.prefixes[0]', problem: NOT_A_PREFIX },
      { path: 'addresses.prefixes[2]', problem: NOT_A_PREFIX },
      { path: 'reserved.addresses[0]', problem: NOT_A_PREFIX },
    ],
  })
})

test('a valid policy is compiled completely and in order', async () => {
  const settings = {
    ...defaultSettings,
    names: { patterns: ['a', 'b.*'] },
    addresses: { prefixes: ['10.0.0.0/8', '2001:db8::/32'] },
    reserved: { names: ['x'], addresses: ['192.0.2.1'], namespaces: [] },
  }
  const compiled = await compileRules(settings, '0123456789ab')
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.faults))
  deepEqual(
    compiled.rules.patterns.map(({ source }) => source),
    ['a', 'b.*'],
  )
  deepEqual(compiled.rules.prefixes, [
    { address: '0a000000', bits: 8 },
    { address: `20010db8${'0'.repeat(24)}`, bits: 32 },
  ])
  deepEqual(compiled.rules.reservedAddresses, [{ address: 'c0000201', bits: 32 }])
  equal(compiled.rules.patterns[1]?.matches('bcd'), true)
})
