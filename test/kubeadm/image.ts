/** Writes an image archive of one layer, for images that are no more than a static program or two. */
import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'

import { type Entry, writeTar } from '../../packaging/image/tar.ts'

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
  const layer = writeTar([{ type: 'file', path: plan.path, mode: 0o755, content }], UNDATED)
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
  await writeFile(archive, writeTar(files, UNDATED))
}

const UNDATED = 0

function file(path: string, content: Uint8Array): Entry {
  return { type: 'file', path, mode: 0o644, content }
}

function json(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value))
}
