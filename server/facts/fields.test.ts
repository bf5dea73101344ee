import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Fields } from './fields.ts'

test('a field is only what the object itself has', () => {
  const fields = new Fields({}, 'x')
  for (const inherited of ['constructor', 'toString', '__proto__', 'hasOwnProperty']) {
    assert.equal(fields.has(inherited), false, inherited)
  }
})

test('null is as good as absent', () => {
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

test('what is missing and must be there is a problem with its path', () => {
  const fields = new Fields({}, 'x')
  assert.deepEqual([fields.text('a'), fields.time('b')], ['', 0])
  fields.object('c').text('d')
  assert.deepEqual(fields.problems, [
    'x.a is not a text',
    'x.b is not a time',
    'x.c is not an object',
    'x.c.d is not a text',
  ])
})

test('however much is wrong, few problems are told', () => {
  const fields = new Fields({ list: Array.from({ length: 100 }, () => 7) }, 'x')
  assert.equal(fields.objects('list').length, 100)
  assert.equal(fields.problems.length, 8)
})

test('numbers that a double cannot hold are no whole numbers', () => {
  const fields = new Fields(
    JSON.parse('{"big": 9007199254740993, "component": 0.5, "text": "7", "good": -1}'),
    'x',
  )
  assert.deepEqual(
    ['big', 'component', 'text', 'good'].map((key) => fields.wholeNumber(key)),
    [null, null, null, -1],
  )
})
