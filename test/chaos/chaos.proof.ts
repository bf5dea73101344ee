import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { attempt } from '../kit/child.ts'
import { noMemoryGroup } from '../lab/bench/memory-group.ts'

const MAIN = join(import.meta.dirname, 'main.ts')
const SECONDS = 45
const LONGEST_MS = 480_000

test('every promise is kept while one fault after another befalls both Deployments', {
  skip: await noMemoryGroup(),
}, async (t) => {
  const command = [process.execPath, MAIN, `--seconds=${SECONDS}`]
  const { code, stdout, stderr } = await attempt(command, { timeoutMs: LONGEST_MS })
  t.diagnostic(stdout)
  assert.equal(code, 0, `${stdout}\n${stderr}`)
})
