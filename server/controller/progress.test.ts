import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Progress } from './progress.ts'

const SECOND = 1_000

function looks(progress: Progress, count: number, due: boolean): void {
  for (let look = 0; look < count; look += 1) progress.look(due)
}

test('work that is due and of which none ends within a minute is a problem', () => {
  const progress = new Progress(SECOND)
  looks(progress, 59, true)
  assert.equal(progress.problem(), null)
  looks(progress, 1, true)
  assert.equal(progress.problem(), 'CSRs are due, and the work on none has ended for 60 s')
})

test('each CSR whose work ends begins the minute anew', () => {
  const progress = new Progress(SECOND)
  looks(progress, 59, true)
  progress.made()
  looks(progress, 59, true)
  assert.equal(progress.problem(), null)
})

test('while nothing is due, nothing is a problem, however long', () => {
  const progress = new Progress(SECOND)
  looks(progress, 59, true)
  looks(progress, 1, false)
  looks(progress, 59, true)
  assert.equal(progress.problem(), null)
  looks(progress, 10_000, false)
  assert.equal(progress.problem(), null)
})
