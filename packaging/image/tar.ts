import { buffer } from 'node:stream/consumers'
import { extract, type Header, pack } from 'tar-stream'

/** A path starts and ends without a slash. */
export type Entry =
  | { readonly type: 'file'; readonly path: string; readonly mode: number; readonly content: Uint8Array }
  | { readonly type: 'directory'; readonly path: string; readonly mode: number }
  | { readonly type: 'symlink'; readonly path: string; readonly target: string }

export function textFile(path: string, text: string): Entry {
  return { type: 'file', path, mode: 0o644, content: Buffer.from(text) }
}

/** Entries sorted by path, owned by root, dated `date` (seconds since the epoch): equal content gives equal bytes. */
export async function writeTar(entries: readonly Entry[], date: number): Promise<Uint8Array> {
  const archive = pack()
  for (const entry of entries.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    const content = entry.type === 'file' ? entry.content : new Uint8Array()
    archive.entry({ ...headerOf(entry), mtime: new Date(date * 1000), uid: 0, gid: 0 }, content)
  }
  archive.finalize()
  return buffer(archive)
}

function headerOf(entry: Entry): Pick<Header, 'type' | 'name' | 'mode'> & Partial<Header> {
  const { type, path: name } = entry
  if (type === 'directory') return { type, name: `${name}/`, mode: entry.mode }
  if (type === 'symlink') return { type, name, mode: 0o777, linkname: entry.target }
  return { type, name, mode: entry.mode }
}

export async function readTar(archive: Uint8Array): Promise<readonly Entry[]> {
  const reading = extract()
  reading.end(archive)
  const entries: Entry[] = []
  for await (const entry of reading) entries.push(...entriesOf(entry.header, await buffer(entry)))
  return entries
}

/** The root folder, which `dpkg-deb` lists first, is no entry. */
function entriesOf({ type, name, mode, linkname }: Header, content: Uint8Array): readonly Entry[] {
  const path = name.replace(/^\.?\/+/, '').replace(/\/+$/, '')
  if (path === '') return []
  if (type === 'directory') return [{ type, path, mode }]
  if (type === 'symlink') return [{ type, path, target: linkname }]
  if (type === 'file') return [{ type, path, mode, content }]
  throw new Error(`tar entry ${name} has the unexpected type ${type}`)
}
