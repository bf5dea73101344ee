import { buffer } from 'node:stream/consumers'
import { extract, pack } from 'tar-stream'

export interface TarFile {
  readonly name: string
  readonly content: Buffer
  /** Default 0644. */
  readonly mode?: number
}

/** An archive of regular files, the same bytes for the same files. */
export async function writeTar(files: readonly TarFile[]): Promise<Buffer> {
  const archive = pack()
  for (const { name, content, mode = 0o644 } of files)
    archive.entry({ name, mode, mtime: new Date(0) }, content)
  archive.finalize()
  return await buffer(archive)
}

/** The content of a file by its whole name; undefined when the archive has none. Rejects when it is cut off. */
export async function fileInTar(archive: Buffer, name: string): Promise<Buffer | undefined> {
  const entries = extract()
  entries.end(archive)
  for await (const entry of entries) {
    if (entry.header.name === name) return await buffer(entry)
    entry.resume()
  }
  return undefined
}
