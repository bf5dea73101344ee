import { readdir, readFile } from 'node:fs/promises'
import { join, posix, sep } from 'node:path'

/** A Markdown file, with its path in the repository. */
export interface Page {
  readonly path: string
  readonly text: string
}

/** What the site leaves out: folders that are no documentation, and texts that are made for another place. */
export const excluded = [
  '**/node_modules/**',
  'dist/**',
  'packaging/**',
  'docs/.vitepress/**',
  'THIRD_PARTY_LICENSES.md',
] as const

/** Every page of the site, by path. */
export async function readPages(root: string): Promise<readonly Page[]> {
  const names = (await readdir(root, { recursive: true, encoding: 'utf8' }))
    .map((name) => name.replaceAll(sep, '/'))
    .filter((name) => name.endsWith('.md') && !/(^|\/)\./u.test(name))
    .filter((name) => !excluded.some((pattern) => posix.matchesGlob(name, pattern)))
    .toSorted()
  return await Promise.all(
    names.map(async (path) => ({ path, text: await readFile(join(root, path), 'utf8') })),
  )
}

/** The pages for users. Those of history and of development show what was, too. */
export async function readUserPages(root: string): Promise<readonly Page[]> {
  return (await readPages(root)).filter(({ path }) => !/^(?:test\/|CHANGELOG|DECISIONS)/u.test(path))
}

/** The anchor of a heading, as code hosts make it; the site uses the same. */
export function slug(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{M}_\- ]/gu, '')
    .replaceAll(' ', '-')
}

/** The text without fenced blocks, and with nothing between backticks: what is left is prose, links and HTML. */
export function proseOf(text: string): string {
  return text.replaceAll(/^ *(`{3,})[^]*?^ *\1 *$/gmu, '').replaceAll(/(`+)[^`\n]*?\1/gu, '')
}

/** Every anchor of a page: its headings, and the elements with an id. */
export function anchorsOf(text: string): ReadonlySet<string> {
  const anchors = new Set<string>()
  const bare = text.replaceAll(/^ *(`{3,})[^]*?^ *\1 *$/gmu, '')
  for (const [, heading = ''] of bare.matchAll(/^#{1,6} (.+)$/gmu)) {
    const base = slug(heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/gu, '$1'))
    let unique = base
    for (let count = 1; anchors.has(unique); count += 1) unique = `${base}-${count}`
    anchors.add(unique)
  }
  for (const [, id = ''] of bare.matchAll(/<[a-z]+ id="([^"]+)"/gu)) anchors.add(id)
  return anchors
}

/** Where each link and picture of a page leads, as it is written. */
export function linksOf(text: string): readonly string[] {
  return [...proseOf(text).matchAll(/\]\(([^)\s]+)\)|(?:href|src)="([^"]+)"/gu)].map(
    ([, link, attribute]) => link ?? attribute ?? '',
  )
}

/** The path in the repository that a link of a page leads to, and the anchor there, or null if it leads elsewhere. */
export function targetOf(
  page: string,
  link: string,
): { readonly path: string; readonly anchor: string } | null {
  if (/^[a-z]+:/u.test(link)) return null
  const [path = '', anchor = ''] = link.split('#')
  return { path: path === '' ? page : posix.join(posix.dirname(page), path), anchor }
}

/** A part of the contents: docs/README.md lists all pages. */
export interface Section {
  readonly title: string
  readonly pages: readonly { readonly title: string; readonly path: string }[]
}

export const CONTENTS = 'docs/README.md'

/** The parts of docs/README.md: each heading with the pages of the list below. */
export function sectionsOf(contents: string): readonly Section[] {
  return contents
    .split(/^## /mu)
    .slice(1)
    .map((part) => ({
      title: part.slice(0, part.indexOf('\n')),
      pages: [...part.matchAll(/^- \[([^\]]+)\]\(([^)]+\.md)\)/gmu)].map(([, title = '', link = '']) => ({
        title,
        path: targetOf(CONTENTS, link)?.path ?? link,
      })),
    }))
}
