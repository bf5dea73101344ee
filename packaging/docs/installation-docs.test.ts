import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import project from '../../package.json' with { type: 'json' }
import { faultOf } from '../site/check-command.ts'
import { commandsIn } from '../site/commands.ts'
import { asReleased, installationPages, withVersion } from './installation-docs.ts'

const root = join(import.meta.dirname, '..', '..')
const { version } = project
const location = { registry: 'registry.example/an-owner', repository: 'an-owner/a-name' }
const released = (text: string): string => asReleased(text, version, location)
const pages = (await installationPages(root, [])).map(({ path, content }) => ({
  path,
  text: released(content),
}))

test('once released, no page has a placeholder for the registry or the owner, or says that nothing is released', () => {
  assert.ok(pages.length > 50, `${pages.length}`)
  const left = pages.flatMap(({ path, text }) =>
    [
      ...text.matchAll(
        /YOUR-REGISTRY|\bOWNER\b|[Nn]ot released|(?:until|before|once) (?:the|a)? ?release|dist\/manifests/gu,
      ),
    ].map(([words]) => `${path}: ${words}`),
  )
  assert.deepEqual(left, [])
})

test('once released, every page installs the chart of the registry, and sets no image', async () => {
  const CHART = 'oci://registry.example/an-owner/charts/kubelet-csr-gate'
  const ofSources = /^charts\/kubelet-csr-gate/u
  const commands = pages.flatMap(({ path, text }) =>
    commandsIn(text)
      .filter(({ words: [program, verb = ''] }) => program === 'helm' && /^(?:install|upgrade)$/u.test(verb))
      .map(({ words }) => ({ path, words })),
  )
  const fromRegistry = commands.filter(({ words }) => words.includes(CHART))
  assert.ok(fromRegistry.length > 15, `${fromRegistry.length}`)
  for (const { path, words } of commands) {
    assert.equal(await faultOf(words), null, `${path}: ${words.join(' ')}`)
    assert.ok(!words.some((word) => ofSources.test(word)), `${path}: ${words.join(' ')}`)
    if (words.includes(CHART)) {
      assert.equal(words[words.indexOf('--version') + 1], version, path)
      assert.ok(!words.some((word) => word.startsWith('image.')), `${path}: ${words.join(' ')}`)
    }
  }
})

test('a command becomes one that a stranger can run, on one line or several', () => {
  const before = [
    '   helm install kubelet-csr-gate charts/kubelet-csr-gate --namespace kube-system \\',
    '     --values charts/kubelet-csr-gate/profiles/talos.yaml \\',
    '     --set kubeApi.host=ADDRESS --set image.registry=YOUR-REGISTRY',
    '   helm test kubelet-csr-gate',
  ]
  const after = [
    `   helm install kubelet-csr-gate oci://registry.example/an-owner/charts/kubelet-csr-gate --version ${version} --namespace kube-system \\`,
    `     --values https://raw.githubusercontent.com/an-owner/a-name/v${version}/charts/kubelet-csr-gate/profiles/talos.yaml \\`,
    '     --set kubeApi.host=ADDRESS',
    '   helm test kubelet-csr-gate',
  ]
  assert.equal(released(before.join('\n')), after.join('\n'))
  assert.equal(released(after.join('\n')), after.join('\n'))
})

test('what stands until the release goes, and what stands once released is shown', () => {
  const text = [
    'a',
    '<!-- until the release -->',
    'b',
    '<!-- end -->',
    '   <!-- until the release -->',
    '   c',
    '   <!-- once released',
    '   d',
    '-->',
    'e',
    '',
  ]
  assert.equal(released(text.join('\n')), 'a\n   d\ne\n')
})

test('a version is replaced, and what follows it stays', () => {
  const text =
    'kubelet-csr-gate-0.0.1.tgz kubelet-csr-gate:0.0.1-rc.1 kubelet-csr-gate-0.0.1-cli.tar.gz Kubernetes 1.30.0'
  const next =
    'kubelet-csr-gate-9.9.9.tgz kubelet-csr-gate:9.9.9 kubelet-csr-gate-9.9.9-cli.tar.gz Kubernetes 1.30.0'
  assert.equal(withVersion(text, '9.9.9'), next)
})

test('a page done again stays as it is, or gets the next version', () => {
  for (const { path, text } of pages) {
    assert.equal(released(text), text, path)
    const next = asReleased(withVersion(text, '9.9.9'), '9.9.9', location)
    assert.ok(!next.includes(`kubelet-csr-gate:${version}`) && !next.includes(`/v${version}/`), path)
  }
})
