import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Unit } from '../../../packaging/dashboard/grafana.ts'
import { shown, tickStep } from './units.ts'

test('a value is shown in the largest unit that it fills', () => {
  const cases: readonly (readonly [number, Unit, string])[] = [
    [0, 's', '0 s'],
    [0.0000005, 's', '0.5 µs'],
    [0.0025, 's', '2.5 ms'],
    [0.999, 's', '999 ms'],
    [12, 's', '12 s'],
    [90, 's', '1.5 min'],
    [7_200, 's', '2 hour'],
    [0, 'bytes', '0 B'],
    [96 * 1024 * 1024, 'bytes', '96 MiB'],
    [0.04, 'percentunit', '4%'],
    [0, 'percentunit', '0%'],
    [0.5, 'ops', '0.5 ops/s'],
    [1_500, 'ops', '1.5K ops/s'],
    [2, 'short', '2'],
    [2_000, 'short', '2 K'],
    [0.25, 'none', '0.25'],
    [89.99, 'suffix:days', '90 days'],
  ]
  for (const [value, unit, text] of cases) assert.equal(shown(value, unit), text)
})

test('four round steps reach the highest value', () => {
  const cases: readonly (readonly [number, Unit, boolean, number])[] = [
    [1, 'short', true, 1],
    [2, 'short', true, 1],
    [0.3, 'none', false, 0.1],
    [18, 'ops', false, 5],
    [0.0079, 's', false, 0.002],
    [18, 's', false, 5],
    [75, 's', false, 30],
    [100, 's', false, 30],
    [600, 's', false, 300],
    [150 * 1024 * 1024, 'bytes', false, 64 * 1024 * 1024],
  ]
  for (const [max, unit, whole, step] of cases) {
    const found = tickStep(max, unit, whole)
    assert.ok(Math.abs(found - step) < step / 1e6, `${max} ${unit}: ${found}`)
  }
})
