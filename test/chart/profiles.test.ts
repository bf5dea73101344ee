import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { CHART, render } from './helm.ts'

const PAGES = join(import.meta.dirname, '..', '..', 'docs', 'install')
const profiles = (await readdir(join(CHART, 'ci'))).toSorted()
const pages = (await readdir(PAGES)).toSorted()
const textOf = (page: string): Promise<string> => readFile(join(PAGES, page), 'utf8')

/** The profiles that a page links to, each by its path from there. */
function profilesIn(text: string): readonly string[] {
  return [...text.matchAll(/\]\(\.\.\/\.\.\/charts\/kubelet-csr-gate\/ci\/([^)]+)\)/g)].map(
    ([, name = '']) => name,
  )
}

for (const page of pages)
  test(`docs/install/${page} names its steps in order, and profiles that render`, async () => {
    const text = await textOf(page)
    assert.match(text, /^1\. /m)
    const named = profilesIn(text)
    assert.ok(named.length > 0)
    for (const profile of named) {
      const values = parse(await readFile(join(CHART, 'ci', profile), 'utf8'))
      assert.ok((await render(values)).length > 0, profile)
    }
  })

test('what a page says to set is a value of the chart', async () => {
  const schema = JSON.parse(await readFile(join(CHART, 'values.schema.json'), 'utf8'))
  for (const page of pages)
    for (const [, path = ''] of (await textOf(page)).matchAll(/--set ([\w.]+)=/g)) {
      const found = path.split('.').reduce((inner, key) => inner?.properties?.[key], schema)
      assert.ok(found !== undefined, `${page}: ${path}`)
    }
})

test('every profile is told of, by a page or by the README of the chart', async () => {
  const texts = await Promise.all([...pages.map(textOf), readFile(join(CHART, 'README.md'), 'utf8')])
  for (const profile of profiles)
    assert.ok(
      texts.some((text) => text.includes(`ci/${profile}`)),
      profile,
    )
})
