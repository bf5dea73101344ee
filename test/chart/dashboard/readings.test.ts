import assert from 'node:assert/strict'
import { test } from 'node:test'
import { placed } from '../../../packaging/dashboard/dashboard.ts'
import { faultsOf, readPanels } from './readings.ts'
import type { Series } from './range-query.ts'

const RANGE = { start: 100, end: 104, step: 2 }
const verdicts = placed()
  .filter((each) => each.type === 'timeseries')
  .filter(({ title }) => title === 'Verdicts')

const readOf = (...series: readonly Series[]) => readPanels(verdicts, { range: async () => series }, RANGE)
const series = (...values: readonly (readonly [number, number])[]): Series => ({
  labels: { component: 'webhook', decision: 'deny' },
  values: new Map(values),
})

test('a curve bears the labels that its query’s legend asks for, and a value or a gap for each step', async () => {
  const [reading] = await readOf(series([100, 1], [104, 3]))
  assert.deepEqual(
    [...(reading?.curves.values() ?? [])],
    [[{ legend: 'webhook deny', values: [1, null, 3] }]],
  )
})

test('a query without any value is a fault', async () => {
  const fault = /^Verdicts: no data: sum by \(component, decision\)/
  for (const none of [await readOf(), await readOf(series())]) {
    const [said = '', ...others] = faultsOf(none)
    assert.match(said, fault)
    assert.deepEqual(others, [])
  }
})

test('a panel that shows nothing but 0 is a fault, one value else is none', async () => {
  assert.deepEqual(faultsOf(await readOf(series([100, 0], [102, 0]))), ['Verdicts: nothing but 0'])
  assert.deepEqual(faultsOf(await readOf(series([100, 0], [102, 0.1]))), [])
})
