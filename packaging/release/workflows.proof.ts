import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { globSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { goTool, missing } from './go-tools.ts'

const root = join(import.meta.dirname, '..', '..')
const folder = join(root, '.github/workflows')
const files = await readdir(folder)
const scripts = ['.ci/run', ...globSync('{charts,packaging,test}/**/*.sh', { cwd: root })]

test('actionlint finds no fault in the workflows and their scripts', {
  skip: await missing(['go', 'shellcheck']),
}, async () => {
  const paths = files.map((name) => join(folder, name))
  assert.equal(await findings(goTool('actionlint', ['-shellcheck=shellcheck', '-pyflakes=', ...paths])), '')
})

test('shellcheck finds no fault in the scripts', { skip: await missing(['shellcheck']) }, async () => {
  const run = promisify(execFile)('shellcheck', scripts, { cwd: root })
  assert.equal(await findings(run.then(({ stdout }) => stdout)), '')
})

/** Both linters print their findings to standard output, and end with 1. */
function findings(run: Promise<string>): Promise<string> {
  return run.catch((error: Error & { stdout?: string }) => `${error.message}\n${error.stdout ?? ''}`)
}
