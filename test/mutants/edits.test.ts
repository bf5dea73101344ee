import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testFiles } from '../suites.ts'
import { ofEdit, root } from './change.ts'
import { promises } from './promises.ts'
import { removedRules } from './reader-rules.ts'

test('every promise and every rule of the reader can be taken away, and the tests that are named are there', () => {
  for (const { rule, ...edit } of removedRules) ofEdit(edit, rule)
  for (const { promise, tests, ...edit } of promises) {
    ofEdit(edit, promise)
    for (const file of tests) assert.deepEqual(testFiles(root, [file]), [file], promise)
  }
})
