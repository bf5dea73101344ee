import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { imageArchive } from '../image/oci.ts'
import { ARCHITECTURES } from '../image/packages.ts'
import { readTar } from '../image/tar.ts'
import { imageIndex } from './image-index.ts'

const archives = ARCHITECTURES.map((architecture) => ({
  architecture,
  archive: imageArchive({
    reference: 'kubelet-csr-gate:1.2.3',
    version: '1.2.3',
    architecture,
    layers: [
      {
        comment: 'both',
        entries: [{ type: 'file', path: 'same', mode: 0o644, content: Buffer.from('same') }],
      },
    ],
    date: 0,
  }),
}))
const { layout, digest, platforms } = imageIndex('1.2.3', archives, 0)
const files = new Map(
  readTar(layout).flatMap((entry) => (entry.type === 'file' ? [[entry.path, entry.content]] : [])),
)
const jsonAt = (path: string) => JSON.parse(Buffer.from(files.get(path) ?? []).toString())
const blob = (of: string): string => `blobs/${of.replace(':', '/')}`

test('the index names each platform, whose manifest and blobs are in the layout under their digests', () => {
  const { manifests } = jsonAt(blob(digest))
  assert.deepEqual(
    manifests.map((manifest: { platform: object }) => manifest.platform),
    [
      { architecture: 'amd64', os: 'linux' },
      { architecture: 'arm64', os: 'linux' },
    ],
  )
  for (const { digest: manifest } of platforms) {
    const { config, layers } = jsonAt(blob(manifest))
    for (const { digest: part } of [config, ...layers]) assert.ok(files.has(blob(part)), part)
  }
  for (const [path, content] of files)
    if (path.startsWith('blobs/'))
      assert.equal(path, `blobs/sha256/${createHash('sha256').update(content).digest('hex')}`)
})

test('the layout has one entry, the index, tagged with the version', () => {
  const [entry, ...others] = jsonAt('index.json').manifests
  assert.deepEqual(others, [])
  assert.equal(entry.digest, digest)
  assert.equal(entry.annotations['org.opencontainers.image.ref.name'], '1.2.3')
})

test('a layer that both platforms share is there once', () => {
  const layers = platforms.map(({ digest: manifest }) => jsonAt(blob(manifest)).layers[0].digest)
  assert.equal(layers[0], layers[1])
  // two manifests, two configs, one layer, one index
  assert.equal([...files.keys()].filter((path) => path.startsWith('blobs/')).length, 6)
})
