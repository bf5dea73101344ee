/** Writes an image archive of one layer, for images that are no more than a static program or two. */
import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'

export interface ImagePlan {
  readonly names: readonly string[]
  /** Where each file comes from, by its place in the image (`usr/local/bin/etcd`). All are programs. */
  readonly files: Readonly<Record<string, string>>
  readonly entrypoint: readonly string[]
}

/** As `docker save` writes it: a configuration, a layer, and a manifest that names both. */
export async function writeImage(plan: ImagePlan, archive: string): Promise<void> {
  const programs: Buffer[] = []
  for (const [path, from] of Object.entries(plan.files)) programs.push(tarEntry(path, await readFile(from)))
  const layer = Buffer.concat([...programs, TAR_END])
  const digest = sha256(layer)
  const config = json({
    architecture: process.arch === 'x64' ? 'amd64' : process.arch,
    os: 'linux',
    config: { Entrypoint: plan.entrypoint, Env: ['PATH=/usr/local/bin:/usr/bin:/bin'] },
    rootfs: { type: 'layers', diff_ids: [`sha256:${digest}`] },
  })
  const configName = `${sha256(config)}.json`
  const manifest = json([{ Config: configName, RepoTags: plan.names, Layers: [`${digest}/layer.tar`] }])
  await writeFile(
    archive,
    Buffer.concat([
      tarEntry(configName, config),
      tarEntry(`${digest}/layer.tar`, layer),
      tarEntry('manifest.json', manifest),
      TAR_END,
    ]),
  )
}

/** POSIX.1-1988 ustar: a header block of 512 bytes, the content, zeros up to a whole block. */
const BLOCK = 512
const TAR_END = Buffer.alloc(2 * BLOCK)

function tarEntry(name: string, content: Buffer): Buffer {
  const header = Buffer.alloc(BLOCK)
  header.write(name, 0, 100, 'latin1')
  header.write('0000755\0', 100)
  header.write('0000000\0', 108)
  header.write('0000000\0', 116)
  header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124)
  header.write('00000000000\0', 136)
  header.write(' '.repeat(8), 148) // the checksum counts itself as spaces
  header.write('0', 156)
  header.write('ustar\x0000', 257)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  const padding = Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)
  return Buffer.concat([header, content, padding])
}

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value))
}
