import { createHash } from 'node:crypto'
import type { Architecture } from '../image/packages.ts'
import { type Entry, readTar, writeTar } from '../image/tar.ts'

/** One image archive, as `imageArchive` makes it, and the architecture it is for. */
export interface PlatformArchive {
  readonly architecture: Architecture
  readonly archive: Uint8Array
}

interface PlatformDigest {
  readonly architecture: Architecture
  /** `sha256:…` of the manifest. */
  readonly digest: string
}

export interface ImageIndex {
  /** An OCI image layout whose only entry is the index of all platforms (image-spec v1.1, image-index.md). */
  readonly layout: Uint8Array
  /** `sha256:…` of the index: what a registry will call the image, known before it is pushed. */
  readonly digest: string
  readonly platforms: readonly PlatformDigest[]
}

interface Descriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
}

const INDEX_MEDIA = 'application/vnd.oci.image.index.v1+json'

/** Joins archives of one version into one image for several architectures. `date` in seconds since the epoch. */
export function imageIndex(version: string, archives: readonly PlatformArchive[], date: number): ImageIndex {
  const read = archives.map(({ architecture, archive }) => ({ architecture, files: readTar(archive) }))
  const manifests = read.map(({ architecture, files }) => ({
    ...manifestIn(files),
    platform: { architecture, os: 'linux' },
  }))
  const content = json({ schemaVersion: 2, mediaType: INDEX_MEDIA, manifests })
  const index: Descriptor = { mediaType: INDEX_MEDIA, digest: digestOf(content), size: content.length }
  const annotations = { 'org.opencontainers.image.ref.name': version }
  const blobs = read.flatMap(({ files }) => files.filter(({ path }) => path.startsWith('blobs/')))
  const entries = [
    ...new Map(blobs.map((entry) => [entry.path, entry])).values(),
    file(`blobs/${index.digest.replace(':', '/')}`, content),
    file('oci-layout', json({ imageLayoutVersion: '1.0.0' })),
    file(
      'index.json',
      json({ schemaVersion: 2, mediaType: INDEX_MEDIA, manifests: [{ ...index, annotations }] }),
    ),
  ]
  const platforms = manifests.map(({ digest, platform: { architecture } }) => ({ architecture, digest }))
  return { layout: writeTar(entries, date), digest: index.digest, platforms }
}

function manifestIn(files: readonly Entry[]): Descriptor {
  const entry = files.find(({ path }) => path === 'index.json')
  if (entry?.type !== 'file') throw new Error('the image archive has no index.json')
  const [{ mediaType, digest, size }] = JSON.parse(Buffer.from(entry.content).toString()).manifests
  return { mediaType, digest, size }
}

function file(path: string, content: Uint8Array): Entry {
  return { type: 'file', path, mode: 0o644, content }
}

function digestOf(content: Uint8Array): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`
}

function json(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value))
}
