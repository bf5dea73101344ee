import { gzipSync } from 'node:zlib'
import { sha256 } from '../digest.ts'
import { ENTRYPOINT, ENVIRONMENT, IMAGE, LABELS } from './image-config.ts'
import { type Entry, writeTar } from './tar.ts'

/** One layer: its files and a sentence for `docker history`. */
export interface Layer {
  readonly comment: string
  readonly entries: readonly Entry[]
}

export interface ImageOptions {
  readonly version: string
  readonly architecture: string
  readonly layers: readonly Layer[]
  /** `owner/name` on GitHub. */
  readonly repository: string | null
  /** Seconds since the epoch: the date of every file and of the image. */
  readonly date: number
}

/** An image for one platform, before it is written into an archive. */
export interface Image {
  readonly config: OciBlob
  readonly layers: readonly OciBlob[]
  readonly manifest: OciBlob
}

interface Descriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
}

interface OciBlob {
  readonly descriptor: Descriptor
  readonly content: Uint8Array
}

const MEDIA = 'application/vnd.oci.image'

export async function imageOf(options: ImageOptions): Promise<Image> {
  const tars = await Promise.all(options.layers.map(({ entries }) => writeTar(entries, options.date)))
  const layers = tars.map((tar) => blob(`${MEDIA}.layer.v1.tar+gzip`, gzipSync(tar)))
  const config = blob(`${MEDIA}.config.v1+json`, json(imageConfig(options, tars)))
  const mediaType = `${MEDIA}.manifest.v1+json`
  const content = json({
    schemaVersion: 2,
    mediaType,
    config: config.descriptor,
    layers: layers.map(({ descriptor }) => descriptor),
  })
  return { config, layers, manifest: blob(mediaType, content) }
}

export interface ImageArchive {
  /** An OCI image layout (image-spec v1.1, image-layout.md), for `ctr images import` and `skopeo copy oci-archive:`. */
  readonly archive: Uint8Array
  /** `sha256:…` of the index: the digest of the image in a registry, known before the push. */
  readonly digest: string
}

/** Joins images of one version into one image for several architectures, by their names. */
export async function imageArchive(
  version: string,
  images: ReadonlyMap<string, Image>,
  date: number,
): Promise<ImageArchive> {
  const mediaType = `${MEDIA}.index.v1+json`
  const manifests = [...images].map(([architecture, { manifest }]) => ({
    ...manifest.descriptor,
    platform: { architecture, os: 'linux' },
  }))
  const index = blob(mediaType, json({ schemaVersion: 2, mediaType, manifests }))
  const blobs = [...images.values()].flatMap(({ config, layers, manifest }) => [config, ...layers, manifest])
  const annotations = {
    'io.containerd.image.name': `docker.io/library/kubelet-csr-gate:${version}`,
    'org.opencontainers.image.ref.name': version,
  }
  const entries = layout({ ...index.descriptor, annotations }, [...blobs, index])
  return { archive: await writeTar(entries, date), digest: index.descriptor.digest }
}

/** The files of an OCI image layout; a blob that two images share is one file. */
function layout(root: Descriptor & { readonly annotations: object }, blobs: readonly OciBlob[]): Entry[] {
  const mediaType = `${MEDIA}.index.v1+json`
  return [
    ...new Map(blobs.map((one) => [pathOf(one), file(pathOf(one), one.content)])).values(),
    file('oci-layout', json({ imageLayoutVersion: '1.0.0' })),
    file('index.json', json({ schemaVersion: 2, mediaType, manifests: [root] })),
  ]
}

function imageConfig(
  { architecture, version, layers, repository, date }: ImageOptions,
  tars: readonly Uint8Array[],
) {
  const created = new Date(date * 1000).toISOString()
  return {
    architecture,
    os: 'linux',
    created,
    config: {
      User: IMAGE.user,
      Env: ['PATH=/usr/local/bin:/usr/bin:/bin', ...ENVIRONMENT],
      Entrypoint: ENTRYPOINT,
      Cmd: IMAGE.command,
      WorkingDir: IMAGE.workingDirectory,
      Labels: {
        ...LABELS,
        'org.opencontainers.image.version': version,
        ...(repository !== null && { 'org.opencontainers.image.source': `https://github.com/${repository}` }),
      },
    },
    rootfs: { type: 'layers', diff_ids: tars.map((tar) => `sha256:${sha256(tar)}`) },
    history: layers.map(({ comment }) => ({ created, created_by: 'npm run image', comment })),
  }
}

function blob(mediaType: string, content: Uint8Array): OciBlob {
  return { descriptor: { mediaType, digest: `sha256:${sha256(content)}`, size: content.length }, content }
}

function pathOf({ descriptor }: OciBlob): string {
  return `blobs/${descriptor.digest.replace(':', '/')}`
}

function file(path: string, content: Uint8Array): Entry {
  return { type: 'file', path, mode: 0o644, content }
}

function json(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value))
}
