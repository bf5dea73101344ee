import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import project from '../../package.json' with { type: 'json' }
import { sha256 } from '../digest.ts'
import { ENTRYPOINT, ENVIRONMENT, IMAGE, LABELS } from './image-config.ts'
import { NODE_VERSION } from './node-binary.ts'
import { imageArchive, imageOf } from './oci.ts'
import { ARCHITECTURES, lockedPackages } from './packages.ts'
import { type Entry, readTar, writeTar } from './tar.ts'

const dockerfile = await readFile(join(import.meta.dirname, '..', '..', 'Dockerfile'), 'utf8')
const entries: readonly Entry[] = [
  { type: 'file', path: 'app/b', mode: 0o755, content: Buffer.from('program') },
  { type: 'directory', path: 'app', mode: 0o755 },
  { type: 'symlink', path: 'app/a', target: 'b' },
  { type: 'file', path: `${'long/'.repeat(30)}name`, mode: 0o644, content: Buffer.alloc(513) },
]
async function archiveOf(layer: readonly Entry[]): Promise<Uint8Array> {
  const layers = [{ comment: 'program', entries: layer }]
  const image = await imageOf({ version: '1.2.3', architecture: 'amd64', layers, date: 0 })
  return imageArchive('kubelet-csr-gate:1.2.3', image, 0)
}

async function filesOf(tar: Uint8Array): Promise<ReadonlyMap<string, Uint8Array>> {
  const read = await readTar(tar)
  return new Map(read.flatMap((entry) => (entry.type === 'file' ? [[entry.path, entry.content]] : [])))
}

function jsonOf(files: ReadonlyMap<string, Uint8Array>, path: string) {
  return JSON.parse(Buffer.from(files.get(path) ?? []).toString())
}

test('an archive reads back as it was written, sorted by path', async () => {
  const sorted = entries.toSorted((a, b) => (a.path < b.path ? -1 : 1))
  const read = await readTar(await writeTar(entries, 0))
  const plain = (entry: Entry) => (entry.type === 'file' ? { ...entry, content: [...entry.content] } : entry)
  assert.deepEqual(read.map(plain), sorted.map(plain))
})

test('the order in which files are found does not change the image', async () => {
  assert.equal(sha256(await archiveOf(entries)), sha256(await archiveOf(entries.toReversed())))
})

test('the archive is an OCI layout that names every blob by its digest, with a manifest for docker', async () => {
  const files = await filesOf(await archiveOf(entries))
  for (const [path, content] of files)
    if (path.startsWith('blobs/sha256/')) assert.equal(path, `blobs/sha256/${sha256(content)}`)
  const [manifest] = jsonOf(files, 'index.json').manifests
  assert.equal(manifest.annotations['io.containerd.image.name'], 'docker.io/library/kubelet-csr-gate:1.2.3')
  const blob = (digest: string): string => `blobs/${digest.replace(':', '/')}`
  const { config, layers } = jsonOf(files, blob(manifest.digest))
  const { rootfs } = jsonOf(files, blob(config.digest))
  const layer = gunzipSync(files.get(blob(layers[0].digest)) ?? Buffer.alloc(0))
  assert.deepEqual(rootfs.diff_ids, [`sha256:${sha256(layer)}`])
  const docker = [
    { Config: blob(config.digest), RepoTags: ['kubelet-csr-gate:1.2.3'], Layers: [blob(layers[0].digest)] },
  ]
  assert.deepEqual(jsonOf(files, 'manifest.json'), docker)
})

test('the Dockerfile makes the same image: files, user, entrypoint, labels', () => {
  const quoted = (words: readonly string[]): string => `[${words.map((word) => `"${word}"`).join(', ')}]`
  const lines = dockerfile.replaceAll('\\\n', '').split('\n')
  const after = (word: string): string | undefined =>
    lines.findLast((line) => line.startsWith(`${word} `))?.slice(word.length + 1)
  assert.equal(after('ENTRYPOINT'), quoted(ENTRYPOINT))
  assert.equal(after('CMD'), quoted(IMAGE.command))
  assert.equal(after('USER'), IMAGE.user)
  assert.equal(after('WORKDIR'), IMAGE.workingDirectory)
  assert.equal(after('ENV'), ENVIRONMENT.join(' '))
  assert.equal(after('ARG'), `VERSION=${project.version}`)
  const { node, program, license, thirdPartyLicenses, nodeLicense } = IMAGE
  for (const path of [node, program, license, thirdPartyLicenses, nodeLicense])
    assert.ok(
      lines.some((line) => line.startsWith('COPY') && line.endsWith(` ${path}`)),
      path,
    )
  for (const [label, value] of Object.entries(LABELS))
    assert.ok(dockerfile.includes(`${label}="${value}"`), label)
})

test('the image has the Node that everything is tested with, and the same packages for each architecture', () => {
  assert.equal(NODE_VERSION, project.devDependencies.node)
  const names = ARCHITECTURES.map((architecture) => lockedPackages(architecture).map(({ name }) => name))
  for (const list of names) assert.deepEqual(list, names[0])
})

test('the bases of the Dockerfile are pinned by digest', () => {
  const bases = [...dockerfile.matchAll(/^ARG (?:BUILDER|BASE)=(.*)$/gm)].map(([, base]) => base)
  assert.equal(bases.length, 2)
  for (const base of bases) assert.match(String(base), /@sha256:[0-9a-f]{64}$/)
})
