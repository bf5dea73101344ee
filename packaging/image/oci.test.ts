import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { sha256 } from '../digest.ts'
import { imageArchive, type Image, imageOf } from './oci.ts'
import { ARCHITECTURES } from './packages.ts'
import { type Entry, readTar, writeTar } from './tar.ts'

const entries: readonly Entry[] = [
  { type: 'file', path: 'app/b', mode: 0o755, content: Buffer.from('program') },
  { type: 'directory', path: 'app', mode: 0o755 },
  { type: 'symlink', path: 'app/a', target: 'b' },
  { type: 'file', path: `${'long/'.repeat(30)}name`, mode: 0o644, content: Buffer.alloc(513) },
]
const { archive, digest } = await archiveOf(entries)
const files = new Map(
  (await readTar(archive)).flatMap((entry) => (entry.type === 'file' ? [[entry.path, entry.content]] : [])),
)
const jsonAt = (path: string) => JSON.parse(Buffer.from(files.get(path) ?? []).toString())
const blob = (of: string): string => `blobs/${of.replace(':', '/')}`

/** Of both architectures, with the same files. */
async function archiveOf(layer: readonly Entry[]) {
  const layers = [{ comment: 'program', entries: layer }]
  const images = new Map<string, Image>()
  for (const architecture of ARCHITECTURES)
    images.set(
      architecture,
      await imageOf({ version: '1.2.3', architecture, layers, repository: 'an/owner', date: 0 }),
    )
  return await imageArchive('1.2.3', images, 0)
}

test('an archive reads back as it was written, sorted by path', async () => {
  const sorted = entries.toSorted((a, b) => (a.path < b.path ? -1 : 1))
  const read = await readTar(await writeTar(entries, 0))
  const plain = (entry: Entry) => (entry.type === 'file' ? { ...entry, content: [...entry.content] } : entry)
  assert.deepEqual(read.map(plain), sorted.map(plain))
})

test('the order in which files are found does not change the image', async () => {
  assert.equal(sha256((await archiveOf(entries.toReversed())).archive), sha256(archive))
})

test('the archive has one entry, the index, named for containerd and tagged with the version', () => {
  const [entry, ...others] = jsonAt('index.json').manifests
  assert.deepEqual(others, [])
  assert.equal(entry.digest, digest)
  assert.deepEqual(entry.annotations, {
    'io.containerd.image.name': 'docker.io/library/kubelet-csr-gate:1.2.3',
    'org.opencontainers.image.ref.name': '1.2.3',
  })
})

test('the index names each platform, whose manifest and blobs are there under their digests', () => {
  const platforms = ['amd64', 'arm64'].map((architecture) => ({ architecture, os: 'linux' }))
  const { manifests } = jsonAt(blob(digest))
  assert.deepEqual(
    manifests.map(({ platform }: { platform: object }) => platform),
    platforms,
  )
  for (const { digest: manifest } of manifests) {
    const { config, layers } = jsonAt(blob(manifest))
    const layer = gunzipSync(files.get(blob(layers[0].digest)) ?? Buffer.alloc(0))
    const { rootfs, config: settings } = jsonAt(blob(config.digest))
    assert.deepEqual(rootfs.diff_ids, [`sha256:${sha256(layer)}`])
    assert.equal(settings.Labels['org.opencontainers.image.source'], 'https://github.com/an/owner')
  }
})

test('each blob has its digest as its name, and a layer that both platforms share is there once', () => {
  const blobs = [...files].filter(([path]) => path.startsWith('blobs/'))
  for (const [path, content] of blobs) assert.equal(path, `blobs/sha256/${sha256(content)}`)
  // two manifests, two configs, one layer, one index
  assert.equal(blobs.length, 6)
})
