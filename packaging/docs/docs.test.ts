import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import project from '../../package.json' with { type: 'json' }
import { checkCodes, otherReasons } from '../../policies/codes.ts'
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

test('every reason code has a row in policies/README.md that a link can name', async () => {
  const readme = await readFile(join(root, 'policies/README.md'), 'utf8')
  for (const reason of [...checkCodes, ...Object.keys(otherReasons)])
    assert.ok(readme.includes(`<a id="${reason.toLowerCase()}"></a>\`${reason}\``), reason)
})
