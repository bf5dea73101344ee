import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Fields } from './fields.ts'

test('inherited properties are not fields', () => {
  const fields = new Fields({}, 'x')
  for (const inherited of ['constructor', 'toString', '__proto__', 'hasOwnProperty']) {
    assert.equal(fields.has(inherited), false, inherited)
  }
})

test('null reads as absent', () => {
  const fields = new Fields({ a: null }, 'x')
  assert.deepEqual(
    [
      fields.optionalText('a'),
      fields.texts('a'),
      fields.textsByKey('a'),
      fields.wholeNumber('a'),
      fields.count('a'),
    ],
    ['', [], {}, null, 0],
  )
  assert.deepEqual([fields.flag('a'), fields.objects('a'), fields.optionalObject('a')], [false, [], null])
  assert.deepEqual(fields.problems, [])
})

test('a missing required field is a problem with its path', () => {
  const fields = new Fields({}, 'x')
  assert.deepEqual([fields.text('a'), fields.time('b')], ['', 0])
  fields.object('c').text('d')
  assert.deepEqual(fields.problems, [
    'x.a is not a string or is empty',
    'x.b is not a time',
    'x.c is not an object',
    'x.c.d is not a string or is empty',
  ])
})

test('the number of reported problems is limited', () => {
  const fields = new Fields({ list: Array.from({ length: 100 }, () => 7) }, 'x')
  assert.equal(fields.objects('list').length, 100)
  assert.equal(fields.problems.length, 8)
})

test('fractions, strings and integers beyond 2^53 are not whole numbers', () => {
  const fields = new Fields(
    JSON.parse('{"big": 9007199254740993, "half": 0.5, "text": "7", "good": -1}'),
    'x',
  )
  assert.deepEqual(
    ['big', 'half', 'text', 'good'].map((key) => fields.wholeNumber(key)),
    [null, null, null, -1],
  )
})
