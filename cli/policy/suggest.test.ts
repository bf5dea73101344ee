import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compilePattern } from '../../policies/pattern.ts'
import { parseAddress } from '../../policies/address.ts'
import { patternsFor } from './patterns.ts'
import { rangesFor } from './ranges.ts'

test('names that differ only in numbers share a pattern, and another name is written as it is', async () => {
  assert.deepEqual(await patternsFor(['worker-1.a.b', 'worker-12.a.b', 'cp', 'worker-3.a.b']), [
    'cp',
    'worker-\\d+\\.a\\.b',
  ])
})

test('however many names there are, all match one of at most 20 patterns', async () => {
  const names = Array.from(
    { length: 300 },
    (_, index) => `ip-${(index * 7919).toString(26).replaceAll(/\d/gu, 'z')}q.eu.internal`,
  )
  const patterns = await patternsFor(names)
  assert.deepEqual(patterns, ['ip-[-a-z0-9]*\\.eu\\.internal'])
  const [compiled] = await Promise.all(patterns.map(compilePattern))
  for (const name of names) assert.ok(compiled?.ok === true && compiled.pattern.matches(name), name)
})

test('addresses of one subnet share a prefix, and too many subnets are joined', () => {
  const read = (text: string): string => parseAddress(text) ?? ''
  assert.deepEqual(rangesFor(['10.0.1.5', '10.0.1.9', '10.0.9.1', '2001:db8::5'].map(read)), [
    '10.0.1.0/24',
    '10.0.9.0/24',
    '2001:db8::/64',
  ])
  const many = Array.from({ length: 16 }, (_, index) => read(`10.0.${index}.1`))
  const joined = rangesFor(many)
  assert.ok(joined.length <= 8, joined.join())
})
