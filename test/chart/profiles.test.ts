import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { allProfiles, CHART, render } from './helm.ts'

const PAGES = join(import.meta.dirname, '..', '..', 'docs', 'install')
const profiles = await allProfiles()
const pages = (await readdir(PAGES)).toSorted()
const textOf = (page: string): Promise<string> => readFile(join(PAGES, page), 'utf8')

/** The files of profiles that a page links to. */
function profilesIn(text: string): readonly string[] {
  return [...text.matchAll(/\]\(\.\.\/\.\.\/charts\/kubelet-csr-gate\/profiles\/([^)]+)\)/g)].map(
    ([, name = '']) => name,
  )
}

for (const page of pages)
  test(`docs/install/${page} has numbered steps, and links to profiles that render`, async () => {
    const text = await textOf(page)
    assert.match(text, /^1\. /m)
    const named = profilesIn(text)
    assert.ok(named.length > 0)
    for (const name of named) {
      const profile = profiles.find(({ file }) => file === name)
      assert.ok(profile !== undefined && (await render(profile.values)).length > 0, name)
    }
  })

test('what a page sets with --set is a value of the chart', async () => {
  const schema = JSON.parse(await readFile(join(CHART, 'values.schema.json'), 'utf8'))
  for (const page of pages)
    for (const [, path = ''] of (await textOf(page)).matchAll(/--set ([\w.]+)=/g)) {
      const found = path.split('.').reduce((inner, key) => inner?.properties?.[key], schema)
      assert.ok(found !== undefined, `${page}: ${path}`)
    }
})

test('every profile is named on a page or in the README of the chart', async () => {
  const texts = await Promise.all([...pages.map(textOf), readFile(join(CHART, 'README.md'), 'utf8')])
  for (const { file } of profiles)
    assert.ok(
      texts.some((text) => text.includes(`profiles/${file}`)),
      file,
    )
})
