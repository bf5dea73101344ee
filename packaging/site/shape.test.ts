import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { checkCodes } from '../../policies/codes.ts'
import { fencesOf } from './fences.ts'
import { readPages } from './pages.ts'

const pages = await readPages(join(import.meta.dirname, '..', '..'))
const textOf = (path: string): string => pages.find((page) => page.path === path)?.text ?? ''

/** Pages of docs/install that are no environment: they come on top of one. */
const ADDITIONS = ['docs/install/monitoring.md', 'docs/install/manifests.md']

test('each environment has one page of one shape: before you begin, install, verify, undo', () => {
  const environments = pages.filter(
    ({ path }) => /^docs\/(?:install|gitops)\//u.test(path) && !ADDITIONS.includes(path),
  )
  assert.ok(environments.length >= 13)
  for (const { path, text } of environments) {
    const headings = [...text.matchAll(/^## (.+)$/gmu)].map(([, heading]) => heading)
    assert.deepEqual(headings.slice(0, 4), ['Before you begin', 'Install', 'Verify', 'Undo'], path)
  }
})

test('every block says whether it is commands, a transcript, YAML or anything else', () => {
  const kinds = new Set(['sh', 'console', 'text', 'yaml'])
  const blocks = pages
    .filter(({ path }) => !/^(?:test\/|CHANGELOG|DECISIONS)/u.test(path))
    .flatMap(({ path, text }) =>
      fencesOf(text).map(({ line, language }) => ({ at: `${path}:${line}`, language })),
    )
  assert.ok(blocks.length > 100, `${blocks.length}`)
  assert.deepEqual(
    blocks.filter(({ language }) => !kinds.has(language)),
    [],
  )
})

test('troubleshooting has an entry for each reason code, in the order in which they decide', () => {
  const [, part = ''] = textOf('docs/troubleshooting.md').split(/<!-- (?:end of )?reason codes.*-->/u)
  const entries = [...part.matchAll(/^### `([A-Za-z]+)`\nMessage: .+\n\n.+/gmu)].map(([, code]) => code)
  assert.deepEqual(entries, [...checkCodes])
})

test('troubleshooting begins with the CSR that is not there', () => {
  assert.match(textOf('docs/troubleshooting.md'), /^# .+\n\n[^#]+## No CSR exists at all\n/u)
})

test('each of the ten questions leads to the page that answers it, and to where it was asked', () => {
  const questions = textOf('docs/faq.md')
    .split(/^\d+\. /gmu)
    .slice(1)
  assert.equal(questions.length, 10)
  for (const question of questions) {
    assert.match(question, /^\*\*.+\?\*\*/su)
    assert.match(question, /https:\/\/github\.com\/.+\/issues\/\d+/u, question)
  }
})

test('the figures of sizing are those of the comparison', () => {
  const figures = [
    ...(textOf('docs/sizing.md')
      .split('\n## ')[0]
      ?.matchAll(/^\| ([^|]+\w[^|]*) \| (\d[^|]*) \|$/gmu) ?? []),
  ]
  assert.equal(figures.length, 7)
  for (const [, what, figure] of figures)
    assert.ok(textOf('docs/comparison.md').includes(`| ${what} | ${figure} |`), `${what}: ${figure}`)
})

test('a page that names the mode dryRun says that it approves nothing', () => {
  const naming = pages.filter(
    ({ path, text }) => !/^(?:test\/|CHANGELOG|DECISIONS)/u.test(path) && text.includes('dryRun'),
  )
  assert.ok(naming.length >= 12, `${naming.length}`)
  const without = naming.filter(({ text }) => !/approves\W+nothing/u.test(text)).map(({ path }) => path)
  // there, it is a field of the output of `release`
  assert.deepEqual(
    without.filter((path) => path !== 'docs/cli.md'),
    [],
  )
})

test('the README is short: what has a page of its own is not there', () => {
  assert.ok(textOf('README.md').split('\n').length <= 250)
})
