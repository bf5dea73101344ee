import assert from 'node:assert/strict'
import { test } from 'node:test'
import { summaryOf, tableOf } from './contest.ts'

const contest = {
  title: 'nothing stored',
  rounds: {
    bare: [{ rate: 200 }, { rate: 400 }, { rate: 300 }],
    other: [
      { rate: 50, cpu: 1 },
      { rate: 100, cpu: 2 },
      { rate: 300, cpu: 1 },
    ],
    'kubelet-csr-gate': [
      { rate: 100, cpu: 4, 'cpu, controller': 3 },
      { rate: 100, cpu: 4, 'cpu, controller': 3 },
      { rate: 150, cpu: 5, 'cpu, controller': 4 },
    ],
  },
}

test('figures are medians of the rounds, ratios medians of the ratios within each round', () => {
  const { medians, ratios } = summaryOf(contest)
  assert.deepEqual(medians['other'], { rate: 100, cpu: 1 })
  assert.deepEqual(medians['kubelet-csr-gate'], { rate: 100, cpu: 4, 'cpu, controller': 3 })
  assert.deepEqual(ratios, { bare: { rate: 0.5 }, other: { rate: 1, cpu: 4 } })
})

test('a table has a row for each figure of ours, with a gap where another has none', () => {
  assert.deepEqual(tableOf(contest), [
    'nothing stored',
    '                 bare  other  kubelet-csr-gate  ours / bare  ours / other',
    'rate             300   100    100               0.50         1',
    'cpu                    1      4                              4',
    'cpu, controller               3',
  ])
})
