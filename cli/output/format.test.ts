import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from 'yaml'
import { testContext } from '../context.fixture.ts'
import { writeResult } from './format.ts'

const json = {
  node: 'n\u001b[2J\u202e',
  'k\u0085': ['yes', 'null', 'a: b'],
  long: 'x'.repeat(300),
  none: null,
  days: 7,
}
const text = (): string => 'for people\n'

for (const format of ['json', 'yaml'] as const) {
  test(`${format} holds every value whole, as printable ASCII`, async () => {
    const context = testContext({ columns: 40 })
    await writeResult({ json, text }, format, context.stdout)
    const { stdout } = context.written
    assert.match(stdout, /^[\x20-\x7e\n]*$/u)
    assert.deepEqual(format === 'json' ? JSON.parse(stdout) : parse(stdout), json)
  })
}

test('a table is the text for people', async () => {
  const context = testContext()
  await writeResult({ json, text }, 'table', context.stdout)
  assert.equal(context.written.stdout, 'for people\n')
})
