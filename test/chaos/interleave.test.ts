import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { attempt } from '../kit/child.ts'

const MAIN = join(import.meta.dirname, 'main.ts')
/** Some seconds; a process of its own, since the test runner follows each promise. */
const RUNS = 300

test('no interleaving of messages, restarts and faults approves a lie, decides twice, or has two leaders write', async (t) => {
  const command = [process.execPath, MAIN, 'interleave', `--runs=${RUNS}`]
  const { code, stdout, stderr } = await attempt(command, { timeoutMs: 300_000 })
  const [counted = ''] = stdout.split('\n')
  t.diagnostic(counted)
  assert.equal(code, 0, `${stdout}\n${stderr}`)
  assert.match(counted, new RegExp(`^${RUNS} schedules, \\d{5,} steps$`, 'u'))
})
