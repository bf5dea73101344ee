import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { ENTRYPOINT, IMAGE, LABELS } from './image-config.ts'
import { type Entry, writeTar } from './tar.ts'

/** One layer: what it holds and a sentence for `docker history`. */
export interface Layer {
  readonly comment: string
  readonly entries: readonly Entry[]
}

export interface ImageOptions {
  /** Such as `kubelet-csr-gate:0.1.0`: what a container engine will call the image. */
  readonly reference: string
  readonly version: string
  readonly architecture: string
  readonly layers: readonly Layer[]
  /** Seconds since the epoch: the date of every file and of the image. */
  readonly date: number
}

interface Descriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
}

const MEDIA = 'application/vnd.oci.image'

/**
 * An image archive that containerd (`ctr images import`) and docker (`docker load`) both read:
 * an OCI image layout (image-spec v1.1, image-layout.md) with a docker `manifest.json` beside it.
 */
export function imageArchive(options: ImageOptions): Uint8Array {
  const blobs = new Map<string, Uint8Array>()
  const store = (mediaType: string, content: Uint8Array): Descriptor => {
    const hex = sha256(content)
    blobs.set(`blobs/sha256/${hex}`, content)
    return { mediaType, digest: `sha256:${hex}`, size: content.length }
  }
  const layers = options.layers.map(({ entries }) => {
    const tar = writeTar(entries, options.date)
    return { diffId: `sha256:${sha256(tar)}`, blob: store(`${MEDIA}.layer.v1.tar+gzip`, gzipSync(tar)) }
  })
  const diffIds = layers.map(({ diffId }) => diffId)
  const config = store(`${MEDIA}.config.v1+json`, json(imageConfig(options, diffIds)))
  const manifestMedia = `${MEDIA}.manifest.v1+json`
  const manifest = store(
    manifestMedia,
    json({ schemaVersion: 2, mediaType: manifestMedia, config, layers: layers.map(({ blob }) => blob) }),
  )
  return layout(options, blobs, { config, manifest, layers: layers.map(({ blob }) => blob) })
}

function layout(
  { reference, date }: ImageOptions,
  blobs: ReadonlyMap<string, Uint8Array>,
  parts: { config: Descriptor; manifest: Descriptor; layers: readonly Descriptor[] },
): Uint8Array {
  const annotations = {
    'io.containerd.image.name': `docker.io/library/${reference}`,
    'org.opencontainers.image.ref.name': reference.split(':')[1] ?? 'latest',
  }
  const index = {
    schemaVersion: 2,
    mediaType: `${MEDIA}.index.v1+json`,
    manifests: [{ ...parts.manifest, annotations }],
  }
  const docker = [
    { Config: blobPath(parts.config), RepoTags: [reference], Layers: parts.layers.map(blobPath) },
  ]
  const files = [
    ...blobs,
    ['oci-layout', json({ imageLayoutVersion: '1.0.0' })],
    ['index.json', json(index)],
    ['manifest.json', json(docker)],
  ] as const
  return writeTar(
    files.map(([path, content]) => ({ type: 'file', path, mode: 0o644, content })),
    date,
  )
}

function imageConfig({ architecture, version, layers, date }: ImageOptions, diffIds: readonly string[]) {
  const created = new Date(date * 1000).toISOString()
  return {
    architecture,
    os: 'linux',
    created,
    config: {
      User: IMAGE.user,
      Env: ['PATH=/usr/local/bin:/usr/bin:/bin', 'NODE_ENV=production'],
      Entrypoint: ENTRYPOINT,
      Cmd: IMAGE.command,
      WorkingDir: IMAGE.workingDirectory,
      Labels: { ...LABELS, 'org.opencontainers.image.version': version },
    },
    rootfs: { type: 'layers', diff_ids: diffIds },
    history: layers.map(({ comment }) => ({ created, created_by: 'npm run image', comment })),
  }
}

function blobPath({ digest }: Descriptor): string {
  return `blobs/${digest.replace(':', '/')}`
}

function json(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value))
}

function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}
