import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { newestRelease } from './changelog.ts'
import { type Published, publishedChartFile, publishedReadme, publishedValues } from './published-chart.ts'

const CHART = join(import.meta.dirname, '..', '..', 'charts', 'kubelet-csr-gate')
const digest = `sha256:${'a'.repeat(64)}`
const here: Published = {
  version: '1.2.3',
  registry: 'registry.example/an-owner',
  repository: 'an-owner/a-name',
  digest,
  changes: [
    { kind: 'added', description: 'A "quoted": thing, see [the page](docs/faq.md).' },
    { kind: 'security', description: 'A hole is closed.' },
  ],
}
const nowhere: Published = { ...here, registry: null, repository: null }
const HOME = 'https://github.com/an-owner/a-name'

const read = (name: string): Promise<string> => readFile(join(CHART, name), 'utf8')
const chartOf = async (published: Published) => parse(publishedChartFile(await read('Chart.yaml'), published))

/** Artifact Hub, "Helm annotations": an annotation that it cannot parse rejects the version of the package. */
const CATEGORIES = [
  'ai-machine-learning',
  'database',
  'integration-delivery',
  'monitoring-logging',
  'networking',
  'security',
  'storage',
  'streaming-messaging',
]
const CHANGES = ['added', 'changed', 'deprecated', 'removed', 'fixed', 'security']
const isUnknown = (kind: string): boolean => !CHANGES.includes(kind)
const changelog = newestRelease(await readFile(join(CHART, '..', '..', 'CHANGELOG.md'), 'utf8'))

test('the published chart has the addresses, the icon and the image that Artifact Hub shows', async () => {
  const chart = await chartOf(here)
  assert.deepEqual([chart.home, chart.sources], [HOME, [HOME]])
  assert.equal(
    chart.icon,
    'https://raw.githubusercontent.com/an-owner/a-name/v1.2.3/charts/kubelet-csr-gate/icon.svg',
  )
  assert.match(await read('icon.svg'), /^<svg /)
  assert.deepEqual(chart.maintainers, [{ name: 'kubelet-csr-gate maintainers', url: HOME }])
  assert.deepEqual(parse(chart.annotations['artifacthub.io/images']), [
    {
      name: 'kubelet-csr-gate',
      image: `registry.example/an-owner/kubelet-csr-gate@${digest}`,
      platforms: ['linux/amd64', 'linux/arm64'],
    },
  ])
  for (const { name, url } of parse(chart.annotations['artifacthub.io/links'])) {
    assert.ok(name.length > 0)
    assert.match(url, new RegExp(`^${HOME}/(blob/v1\\.2\\.3/docs/[\\w-]+\\.md|issues)$`))
  }
})

test('every annotation is one that Artifact Hub can read', async () => {
  const { annotations } = await chartOf(here)
  const at = (name: string) => annotations[`artifacthub.io/${name}`]
  assert.ok(CATEGORIES.includes(at('category')))
  assert.equal(at('license'), 'Apache-2.0')
  for (const name of ['operator', 'prerelease', 'containsSecurityUpdates'])
    assert.match(at(name), /^(true|false)$/, name)
  for (const { url } of parse(at('recommendations')))
    assert.match(url, /^https:\/\/artifacthub\.io\/packages\/helm\/[\w-]+\/[\w-]+$/)
  assert.deepEqual(parse(at('changes')), [
    { kind: 'added', description: `A "quoted": thing, see [the page](${HOME}/blob/v1.2.3/docs/faq.md).` },
    { kind: 'security', description: 'A hole is closed.' },
  ])
  assert.deepEqual([...new Set(changelog.changes.map(({ kind }) => kind))].filter(isUnknown), [])
  assert.deepEqual(
    Object.keys(annotations).filter((name) => typeof annotations[name] !== 'string'),
    [],
  )
})

test('Artifact Hub is told of security fixes', async () => {
  const told = async (published: Published): Promise<unknown> =>
    (await chartOf(published)).annotations['artifacthub.io/containsSecurityUpdates']
  assert.deepEqual(
    [await told(here), await told({ ...here, changes: here.changes.slice(0, 1) })],
    ['true', 'false'],
  )
})

test('without a registry and a repository, nothing is made up', async () => {
  const chart = await chartOf(nowhere)
  for (const name of ['home', 'sources', 'icon']) assert.ok(!(name in chart), name)
  for (const name of ['images', 'links']) assert.ok(!(`artifacthub.io/${name}` in chart.annotations), name)
  const values = parse(publishedValues(await read('values.yaml'), nowhere))
  assert.deepEqual([values.image.registry, values.image.digest], ['', ''])
  assert.equal(values.metrics.prometheusRule.runbookUrl, '')
})

test('Artifact Hub shows the first ten changes', async () => {
  const changes = Array.from(
    { length: 30 },
    (_, index) => ({ kind: 'added', description: `${index}` }) as const,
  )
  const { annotations } = await chartOf({ ...here, changes })
  assert.equal(parse(annotations['artifacthub.io/changes']).length, 10)
})

test('the host of the registry can be replaced alone, by a mirror that keeps the path', async () => {
  const { image, metrics } = parse(publishedValues(await read('values.yaml'), here))
  assert.deepEqual(
    [image.registry, image.repository, image.digest],
    ['registry.example', 'an-owner/kubelet-csr-gate', digest],
  )
  assert.equal(metrics.prometheusRule.runbookUrl, `${HOME}/blob/v1.2.3/docs/on-call.md#`)
})

for (const [where, published] of [
  ['a repository', here],
  ['none', nowhere],
] as const)
  test(`no relative link of the published README and changes leads out of the chart, with ${where}`, async () => {
    const readme = publishedReadme(await read('README.md'), published)
    const { annotations } = await chartOf(published)
    const targets = [...`${readme}\n`.matchAll(/\]\(([^)]+)\)/gu)].map(([, target = '']) => target)
    const inside = targets.filter((target) => !/^(https:|#)/u.test(target))
    assert.ok(inside.length > 10)
    for (const target of inside) assert.match(target, /^profiles\/[a-z0-9-]+\.yaml$/u)
    assert.doesNotMatch(annotations['artifacthub.io/changes'], /\]\((?!https:)/u)
    assert.equal(
      targets.some((target) => target.startsWith(HOME)),
      published.repository !== null,
    )
  })
