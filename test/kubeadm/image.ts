/** Writes an image archive of one layer, for images that are no more than a static program or two. */
import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'

import { writeTar } from '../kit/tar.ts'

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
  const layer = await writeTar([{ name: plan.path, mode: 0o755, content }])
  const digest = createHash('sha256').update(layer).digest('hex')
  const config = {
    architecture: process.arch === 'x64' ? 'amd64' : process.arch,
    os: 'linux',
    config: { Entrypoint: plan.entrypoint, Env: ['PATH=/usr/local/bin:/usr/bin:/bin'] },
    rootfs: { type: 'layers', diff_ids: [`sha256:${digest}`] },
  }
  const manifest = [{ Config: 'config.json', RepoTags: [plan.name], Layers: ['layer.tar'] }]
  const files = [
    { name: 'config.json', content: json(config) },
    { name: 'layer.tar', content: layer },
    { name: 'manifest.json', content: json(manifest) },
  ]
  await writeFile(archive, await writeTar(files))
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value))
}
