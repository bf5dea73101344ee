import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { EXIT } from './exit-codes.ts'

test('docs/cli.md lists every exit code', () => {
  const docs = readFileSync(join(import.meta.dirname, '../docs/cli.md'), 'utf8')
  const rows = [...docs.matchAll(/^\| (\d+) \| (\w+) \| /gmu)].map(([, code, name]) => [name, Number(code)])
  assert.deepEqual(Object.fromEntries(rows), EXIT)
})
