import { gzipSync } from 'node:zlib'
import { textFile, writeTar } from '../image/tar.ts'
import type { PublishedImage } from '../release/chart-archive.ts'
import { manifests } from './manifests.ts'
import { NAME } from './render.ts'

export interface ManifestFile {
  readonly name: string
  readonly content: Uint8Array
}

/** The manifests as files of a release page: each for itself, the kustomize base as an archive dated `date` (seconds since the epoch). */
export async function manifestFiles(
  root: string,
  version: string,
  { image, date }: { readonly image: PublishedImage; readonly date: number },
): Promise<readonly ManifestFile[]> {
  const { files, kustomize } = await manifests(root, version, image)
  const base = [...kustomize].map(([name, text]) => textFile(`${NAME}/${name}`, text))
  return [
    ...[...files].map(([name, text]) => ({ name, content: Buffer.from(text) })),
    { name: `${NAME}-${version}-kustomize.tar.gz`, content: gzipSync(await writeTar(base, date)) },
  ]
}
