import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from 'yaml'
import { krewManifest } from './krew.ts'

const archives = (['amd64', 'arm64'] as const).map((architecture) => ({
  architecture,
  url: `https://example.com/${architecture}.tar.gz`,
  sha256: 'a'.repeat(64),
}))
const manifest = parse(krewManifest({ version: '1.2.3-rc.1', repository: 'an-owner/a-name' }, archives))

test('the manifest has what krew demands of a plugin', () => {
  assert.equal(manifest.apiVersion, 'krew.googlecontainertools.github.com/v1alpha2')
  assert.equal(manifest.kind, 'Plugin')
  assert.equal(manifest.metadata.name, 'csr-gate')
  assert.equal(manifest.spec.version, 'v1.2.3-rc.1')
  assert.equal(manifest.spec.homepage, 'https://github.com/an-owner/a-name')
})

test('the short description has at most 50 characters and no full stop, as the index of krew wants it', () => {
  assert.match(manifest.spec.shortDescription, /^.{1,49}[^.]$/u)
})

test('there is one platform for each executable, with its checksum', () => {
  assert.deepEqual(
    manifest.spec.platforms,
    archives.map(({ architecture, url, sha256 }) => ({
      selector: { matchLabels: { os: 'linux', arch: architecture } },
      uri: url,
      sha256,
      bin: 'kubelet-csr-gate',
    })),
  )
})
