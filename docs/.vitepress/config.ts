/** The site: the same Markdown files that a code host shows, with their paths. `npm run site` writes dist/site. */
import { cp, mkdir, readFile, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { defineConfig, type MarkdownRenderer } from 'vitepress'
import project from '../../package.json' with { type: 'json' }
import {
  CONTENTS,
  excluded,
  linksOf,
  readPages,
  sectionsOf,
  slug,
  targetOf,
} from '../../packaging/site/pages.ts'

const root = join(import.meta.dirname, '..', '..')
const asIndex = (path: string) => path.replace(/(^|\/)README\.md/u, '$1index.md')
const sections = sectionsOf(await readFile(join(root, CONTENTS), 'utf8'))

/** Files that pages link to and that are no pages, such as values files: the site has a copy of each. */
async function copyLinkedFiles(outDir: string): Promise<void> {
  for (const page of await readPages(root))
    for (const link of linksOf(page.text)) {
      const target = targetOf(page.path, link)
      if (target === null || target.path.endsWith('.md') || !(await stat(join(root, target.path))).isFile())
        continue
      await mkdir(dirname(join(outDir, target.path)), { recursive: true })
      await cp(join(root, target.path), join(outDir, target.path))
    }
}

/** On a phone, where a table has no head, each cell shows the head of its column. */
function labelCells(markdown: MarkdownRenderer): void {
  markdown.core.ruler.push('cells-have-labels', ({ tokens }) => {
    let heads: string[] = []
    let column = 0
    for (const [index, token] of tokens.entries()) {
      if (token.type === 'thead_open') heads = []
      if (token.type === 'th_open') heads.push(tokens[index + 1]?.content ?? '')
      if (token.type === 'tr_open') column = 0
      if (token.type === 'td_open')
        token.attrSet('data-label', (heads[column++] ?? '').replaceAll(/[`*]/gu, ''))
    }
  })
}

/** A long name may break after a dot, a slash, an underscore, an equals sign or a comma. */
function breakNames(markdown: MarkdownRenderer): void {
  const plain = markdown.renderer.rules.code_inline
  markdown.renderer.rules.code_inline = (...args) =>
    (plain?.(...args) ?? '').replaceAll(/(?<=\w[./_=,])(?=\w)(?![^<]*>)/gu, '<wbr>')
}

/** Where the sources are: `owner/name`, as the builds of GitHub have it. */
const repository = process.env['GITHUB_REPOSITORY']
const sources = repository === undefined ? undefined : `https://github.com/${repository}`

export default defineConfig({
  title: 'kubelet-csr-gate',
  description:
    'Approves kubelet-serving CSRs, and only when every name and address belongs to the requesting node',
  // otherwise browsers ask for /favicon.ico
  head: [['link', { rel: 'icon', href: 'data:,' }]],
  srcDir: '..',
  srcExclude: [...excluded],
  outDir: '../dist/site',
  rewrites: asIndex,
  // the path under which the site is served, such as /kubelet-csr-gate/
  base: process.env['SITE_BASE'] ?? '/',
  vite: {
    plugins: [
      {
        // pages above docs/ do not see docs/node_modules
        name: 'vue-of-the-site',
        enforce: 'pre',
        resolveId(id, importer, options) {
          const isOfPage = importer !== undefined && importer.split('?')[0]?.endsWith('.md') === true
          return isOfPage && /^vue(?:\/|$)/u.test(id)
            ? this.resolve(id, import.meta.filename, { ...options, skipSelf: true })
            : null
        },
      },
    ],
  },
  buildEnd: ({ outDir }) => copyLinkedFiles(outDir),
  markdown: {
    anchor: { slugify: slug },
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
    config(markdown) {
      markdown.core.ruler.push('readme-is-index', ({ tokens }) => {
        for (const token of tokens.flatMap(({ children }) => children ?? []))
          if (token.type === 'link_open') token.attrSet('href', asIndex(token.attrGet('href') ?? ''))
      })
      labelCells(markdown)
      breakNames(markdown)
    },
  },
  themeConfig: {
    search: { provider: 'local' },
    outline: 'deep',
    nav: [
      { text: 'Start', link: '/docs/start' },
      { text: 'On call', link: '/docs/on-call' },
      { text: 'Troubleshooting', link: '/docs/troubleshooting' },
      { text: 'Reference', link: '/docs/reference' },
      { text: `v${project.version}`, link: '/CHANGELOG' },
    ],
    ...(sources === undefined ? {} : { socialLinks: [{ icon: 'github', link: sources }] }),
    sidebar: sections.map(({ title, pages }, index) => ({
      text: title,
      collapsed: index > 2,
      items: pages.map((page) => ({
        text: page.title,
        link: `/${asIndex(page.path).replace(/\.md$/u, '')}`,
      })),
    })),
  },
})
