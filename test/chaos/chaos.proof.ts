import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { attempt } from '../kit/child.ts'
import { noMemoryGroup } from '../lab/bench/memory-group.ts'

const MAIN = join(import.meta.dirname, 'main.ts')
const LONGEST_MS = 480_000

const storms = [
  { what: 'one fault after another befalls both Deployments', args: ['storm', '--seconds=45'] },
  { what: 'strangers and hostile nodes flood them', args: ['hostile', '--seconds=30'] },
]

const skip = await noMemoryGroup()
for (const { what, args } of storms)
  test(`every promise is kept while ${what}`, { skip }, async (t) => {
    const { code, stdout, stderr } = await attempt([process.execPath, MAIN, ...args], {
      timeoutMs: LONGEST_MS,
    })
    t.diagnostic(stdout)
    assert.equal(code, 0, `${stdout}\n${stderr}`)
  })
