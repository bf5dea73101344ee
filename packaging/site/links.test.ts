import assert from 'node:assert/strict'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  anchorsOf,
  CONTENTS,
  linksOf,
  type Page,
  proseOf,
  readPages,
  sectionsOf,
  slug,
  targetOf,
} from './pages.ts'

const root = join(import.meta.dirname, '..', '..')
const pages = await readPages(root)
const anchors = new Map(pages.map(({ path, text }) => [path, anchorsOf(text)]))

/** What is wrong with a link, as a code host shows the page; null if nothing is. */
async function faultOf(page: string, link: string): Promise<string | null> {
  const target = targetOf(page, link)
  if (target === null) return faultOfAddress(link)
  if (target.path.startsWith('..')) return 'leads out of the repository'
  const known = anchors.get(target.path)
  if (known === undefined) {
    const isFile = await stat(join(root, target.path)).then(
      (found) => found.isFile(),
      () => false,
    )
    return isFile ? null : 'leads to no file: the site shows no folders'
  }
  return target.anchor === '' || known.has(target.anchor) ? null : `has no heading or id "${target.anchor}"`
}

/** Nothing is asked of the network: only the form is checked. */
function faultOfAddress(link: string): string | null {
  if (!URL.canParse(link)) return 'is no URL'
  return new URL(link).protocol === 'https:' ? null : 'is not https'
}

async function faultsOf({ path, text }: Page): Promise<readonly string[]> {
  const found = await Promise.all(
    linksOf(text).map(async (link) => {
      const fault = await faultOf(path, link)
      return fault === null ? [] : [`${path}: ${link} ${fault}`]
    }),
  )
  return found.flat()
}

test('every link leads to a file and an anchor that are there', async () => {
  assert.ok(pages.length > 30)
  assert.ok(pages.flatMap(({ text }) => linksOf(text)).length > 150)
  assert.deepEqual((await Promise.all(pages.map(faultsOf))).flat(), [])
})

test('a link to a missing file, a missing anchor, a folder or an insecure address is found', async () => {
  const text =
    '# One two\n[a](gone.md) [b](#one-two) [c](#three) [d](install) [e](http://a.example) `[f](f.md)`\n'
  assert.deepEqual(
    await faultsOf({ path: 'docs/reference.md', text: text.replace('#one-two', '#probes-and-metrics') }),
    [
      'docs/reference.md: gone.md leads to no file: the site shows no folders',
      'docs/reference.md: #three has no heading or id "three"',
      'docs/reference.md: install leads to no file: the site shows no folders',
      'docs/reference.md: http://a.example is not https',
    ],
  )
})

test('anchors are those that code hosts make', () => {
  assert.equal(slug('Bootstrap tokens: `bootstrapGuard.enabled`'), 'bootstrap-tokens-bootstrapguardenabled')
  assert.equal(slug('`inventory`: your own list'), 'inventory-your-own-list')
  assert.deepEqual([...anchorsOf('# A\n```sh\n# no heading\n```\n## A\n<a id="b"></a>\n')], ['a', 'a-1', 'b'])
})

/** Of HTML, pages use what every code host shows; any other tag is hidden there, and ends the build of the site. */
const TAG = /<(?!!--|\/?(?:a|br|details|summary|img|picture|source|kbd)\b)[^\s=<>]+[^<>]*>|\{\{/gu

test('no page has text that is taken for an HTML tag or a template', () => {
  const found = pages.flatMap(({ path, text }) =>
    [...proseOf(text).replaceAll(/\\</gu, '').matchAll(TAG)].map(([tag]) => `${path}: ${tag}`),
  )
  assert.deepEqual(found, [])
})

test('the contents list every page of docs/ once', () => {
  const contents = pages.find(({ path }) => path === CONTENTS)?.text ?? ''
  const listed = sectionsOf(contents).flatMap((section) => section.pages.map(({ path }) => path))
  const written = pages
    .map(({ path }) => path)
    .filter((path) => path.startsWith('docs/') && path !== CONTENTS)
  assert.deepEqual(listed.filter((path) => path.startsWith('docs/')).toSorted(), written)
})
