import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import type { Row } from '../suite/rows.ts'
import { summarize } from './summary.ts'
import { renderTable } from './table.ts'

const issued = (index: number): Row => ({
  phase: 'webhook on',
  asked: 'dual stack',
  by: `system:node:n${index}`,
  verdict: 'approve',
  reason: 'Conforms',
  component: 'controller',
  ms: 20,
  problem: null,
})
const refused: Row = {
  ...issued(0),
  verdict: 'deny',
  reason: 'NameMalformed',
  component: 'webhook',
  ms: 5.25,
}
const stored: Row = { ...refused, phase: 'webhook off', component: 'controller' }
const times = (count: number, row: Row): Row[] => Array.from({ length: count }, () => row)
const complete = [
  ...Array.from({ length: 14 }, (_, index) => issued(index)),
  ...times(50, refused),
  ...times(50, stored),
]

test('a demo succeeds when every result is as expected and nothing was left out', () => {
  assert.equal(summarize(complete).asItMustBe, true)
})

test('one result that is not as expected fails the demo', () => {
  assert.equal(summarize([...complete, { ...refused, problem: 'must be refused' }]).asItMustBe, false)
})

test('a demo that issued to fewer than 14 nodes, or refused fewer than 50 requests, fails', () => {
  assert.equal(summarize(complete.slice(1)).asItMustBe, false)
  assert.equal(summarize(complete.toSpliced(20, 1)).asItMustBe, false)
  assert.equal(summarize(complete.slice(0, -1)).asItMustBe, false)
})

test('the table says below a row what is wrong with it', () => {
  assert.equal(
    stripVTControlCharacters(renderTable([refused, { ...stored, problem: 'the verdict must be notYet' }])),
    [
      '    webhook  request     user            verdict  reason         component   ms',
      'ok  on       dual stack  system:node:n0  deny     NameMalformed  webhook     5.3',
      'NO  off      dual stack  system:node:n0  deny     NameMalformed  controller  5.3',
      '   the verdict must be notYet',
    ].join('\n'),
  )
})
