import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { allDocs } from '../packaging/docs/main.ts'

const root = join(import.meta.dirname, '..')

test('what the docs say of the code is what the code says: npm run docs would change nothing', async () => {
  for (const { path, content } of await allDocs(root)) {
    assert.equal(await readFile(join(root, path), 'utf8'), content, `${path} is stale: npm run docs`)
  }
})
