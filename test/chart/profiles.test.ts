import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { allProfiles, CHART } from './helm.ts'

const PAGES = join(import.meta.dirname, '..', '..', 'docs', 'install')

test('every profile is named on a page or in the README of the chart', async () => {
  const pages = (await readdir(PAGES)).map((name) => join(PAGES, name))
  const texts = await Promise.all([...pages, join(CHART, 'README.md')].map((path) => readFile(path, 'utf8')))
  for (const { file } of await allProfiles())
    assert.ok(
      texts.some((text) => text.includes(`profiles/${file}`)),
      file,
    )
})
