import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import project from '../../package.json' with { type: 'json' }
import { newestRelease } from '../release/changelog.ts'
import { staleDocs } from './docs.ts'

const root = join(import.meta.dirname, '..', '..')

test('the docs say what the code says: npm run docs would change nothing', async () => {
  assert.deepEqual(await staleDocs(root), [])
})

test('the newest section of the changelog is that of the version in package.json', async () => {
  const changelog = await readFile(join(root, 'CHANGELOG.md'), 'utf8')
  assert.equal(newestRelease(changelog).version, project.version)
})
