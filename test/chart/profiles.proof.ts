import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { allProfiles, CHART, helm, render } from './helm.ts'

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

test('the profiles that pages of docs/install link to render', async () => {
  const named = new Set((await Promise.all(pages.map(textOf))).flatMap(profilesIn))
  assert.ok(named.size > 6)
  for (const name of named) {
    const profile = profiles.find(({ file }) => file === name)
    assert.ok(profile !== undefined && (await render(profile.values)).length > 0, name)
  }
})

/** Flags, with a value each, of which rendering depends. */
const RENDERED = new Set(['--namespace', '--values', '--set', '--show-only'])

/** The arguments of each `helm install`, `upgrade` or `template` of the chart in a text that rendering depends on. */
function helmArgumentsIn(text: string): readonly (readonly string[])[] {
  const commands = text
    .replaceAll(/\\\n\s*/gu, ' ')
    // a published chart has its image in the values
    .replaceAll(
      /oci:\/\/\S+?(?=charts\/kubelet-csr-gate)([^\n]*)/gu,
      '$1 --set image.registry=registry.example.com',
    )
    .replaceAll(/https:\/\/\S+(?=charts\/kubelet-csr-gate\/profiles)/gu, '')
    .matchAll(/^ *helm (?:install|upgrade|template) (?:--install )?\S+ charts\/kubelet-csr-gate(?: .*)?$/gmu)
  return [...commands].map(([command]) => {
    const words = command
      .trim()
      .replaceAll(/['"]/gu, '')
      .replaceAll('YOUR-REGISTRY', 'registry.example.com')
      .split(/\s+/u)
    return words.flatMap((word, index) => (RENDERED.has(word) ? [word, words[index + 1] ?? ''] : []))
  })
}

test('every installation that the docs show renders, with its values files and settings', async () => {
  const texts = [
    ...(await Promise.all(pages.map(textOf))),
    await readFile(join(CHART, '../../README.md'), 'utf8'),
  ]
  const installations = texts.flatMap(helmArgumentsIn)
  assert.ok(installations.length > 10, `${installations.length}`)
  for (const given of installations) {
    const args = given.map((word) => (word.startsWith('charts/') ? join(CHART, '../..', word) : word))
    const { ok, output } = await helm(['template', 'kubelet-csr-gate', CHART, ...args])
    assert.ok(ok, `${given.join(' ')}: ${output}`)
  }
})
