import assert from 'node:assert/strict'
import { test } from 'node:test'
import { emptyPanels } from './panels.ts'

const panel = { title: 'Verdicts', targets: [{ expr: 'rate(a[$__rate_interval])' }, { expr: 'b' }] }

const emptyWith = (values: Readonly<Record<string, readonly string[]>>) =>
  emptyPanels([panel], async (expr) => values[expr] ?? [], 20)

test('a query without any value makes a panel empty; a quantile of nothing is no value', async () => {
  assert.deepEqual(
    await emptyWith({ 'max_over_time((rate(a[4s]))[20s:1s])': ['1'], 'max_over_time((b)[20s:1s])': ['NaN'] }),
    ['Verdicts: no data: b'],
  )
})

test('a panel with no value other than 0 is empty, and one other value is enough', async () => {
  const rates = 'max_over_time((rate(a[4s]))[20s:1s])'
  const other = 'max_over_time((b)[20s:1s])'
  assert.deepEqual(await emptyWith({ [rates]: ['0', '0'], [other]: ['0'] }), ['Verdicts: nothing but 0'])
  assert.deepEqual(await emptyWith({ [rates]: ['0', '0.1'], [other]: ['0'] }), [])
})
