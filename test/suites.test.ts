import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import project from '../package.json' with { type: 'json' }
import { suites, testFiles } from './suites.ts'

const root = join(import.meta.dirname, '..')

/** Files that only test what others define: they run as part of those. */
const isSuite = (file: string) => /^import .*\b(?:test|suite)\b.* from 'node:test'$/mu.test(text(file))
const text = (file: string) => readFileSync(join(root, file), 'utf8')

test('no test file is outside of all commands', () => {
  const run = new Set(Object.values(suites).flatMap(({ patterns }) => testFiles(root, patterns)))
  const all = testFiles(root, ['{charts,cli,packaging,policies,server,test}/**/*.ts']).filter(
    (file) => isSuite(file) && !file.endsWith('.fixture.ts') && !/^import type test/mu.test(text(file)),
  )
  assert.ok(all.length > 200)
  assert.deepEqual(
    all.filter((file) => !run.has(file)),
    [],
  )
})

test('every set of test files has a command', () => {
  const commands = Object.values(project.scripts).join('\n')
  for (const name of Object.keys(suites)) assert.ok(commands.includes(`node test/run.ts ${name}`), name)
})
