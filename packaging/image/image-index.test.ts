import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sha256 } from '../digest.ts'
import { type Image, imageIndex, imageOf } from './oci.ts'
import { ARCHITECTURES } from './packages.ts'
import { readTar } from './tar.ts'

const same = Buffer.from('same')
const shared = [
  { comment: 'both', entries: [{ type: 'file', path: 'same', mode: 0o644, content: same }] },
] as const
const images = new Map<string, Image>()
for (const architecture of ARCHITECTURES)
  images.set(architecture, await imageOf({ version: '1.2.3', architecture, layers: shared, date: 0 }))
const { layout, digest } = await imageIndex('1.2.3', images, 0)
const platforms = [...images.values()].map(({ manifest }) => manifest.descriptor)
const files = new Map(
  (await readTar(layout)).flatMap((entry) => (entry.type === 'file' ? [[entry.path, entry.content]] : [])),
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
    if (path.startsWith('blobs/')) assert.equal(path, `blobs/sha256/${sha256(content)}`)
})

test('the layout has one entry, the index, tagged with the version', () => {
  const [entry, ...others] = jsonAt('index.json').manifests
  assert.deepEqual(others, [])
  assert.equal(entry.digest, digest)
  assert.equal(entry.annotations['org.opencontainers.image.ref.name'], '1.2.3')
})

test('a layer that both platforms share is there once', () => {
  const [one, other] = platforms.map(({ digest: manifest }) => jsonAt(blob(manifest)).layers[0].digest)
  assert.equal(one, other)
  // two manifests, two configs, one layer, one index
  assert.equal([...files.keys()].filter((path) => path.startsWith('blobs/')).length, 6)
})
