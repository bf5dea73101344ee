/** Writes an image archive of one layer, for images that are no more than a static program or two. */
import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { pack } from 'tar-stream'

export interface ImagePlan {
  readonly name: string
  /** Where the one program comes from, and its place in the image (`usr/local/bin/etcd`). */
  readonly program: string
  readonly path: string
  readonly entrypoint: readonly string[]
}

/** As `docker save` writes it: a configuration, a layer, and a manifest that names both. */
export async function writeImage(plan: ImagePlan, archive: string): Promise<void> {
  const content = await readFile(plan.program)
  const layer = await tarOf([{ path: plan.path, mode: 0o755, content }])
  const digest = createHash('sha256').update(layer).digest('hex')
  const config = {
    architecture: process.arch === 'x64' ? 'amd64' : process.arch,
    os: 'linux',
    config: { Entrypoint: plan.entrypoint, Env: ['PATH=/usr/local/bin:/usr/bin:/bin'] },
    rootfs: { type: 'layers', diff_ids: [`sha256:${digest}`] },
  }
  const manifest = [{ Config: 'config.json', RepoTags: [plan.name], Layers: ['layer.tar'] }]
  const files = [
    file('config.json', json(config)),
    file('layer.tar', layer),
    file('manifest.json', json(manifest)),
  ]
  await writeFile(archive, await tarOf(files))
}

interface TarFile {
  readonly path: string
  readonly mode: number
  readonly content: Uint8Array
}

function tarOf(files: readonly TarFile[]): Promise<Buffer> {
  const archive = pack()
  for (const { path: name, mode, content } of files)
    archive.entry({ name, mode, mtime: new Date(0) }, content)
  archive.finalize()
  return buffer(archive)
}

function file(path: string, content: Uint8Array): TarFile {
  return { path, mode: 0o644, content }
}

function json(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value))
}
