/** A ustar archive (POSIX.1-1988 plus the `ustar` prefix field), just what an image layer needs. */
export type Entry =
  | { readonly type: 'file'; readonly path: string; readonly mode: number; readonly content: Uint8Array }
  | { readonly type: 'directory'; readonly path: string; readonly mode: number }
  | { readonly type: 'link'; readonly path: string; readonly target: string }

const BLOCK = 512
const TYPE_FLAG = { file: '0', link: '2', directory: '5' } as const

/** Writes entries sorted by path, owned by root, dated `mtime` seconds: equal content gives equal bytes. */
export function writeTar(entries: readonly Entry[], mtime: number): Uint8Array {
  const sorted = [...entries].sort((a, b) => (a.path < b.path ? -1 : 1))
  const blocks = sorted.flatMap((entry) => {
    const content = entry.type === 'file' ? entry.content : new Uint8Array()
    const padding = new Uint8Array((BLOCK - (content.length % BLOCK)) % BLOCK)
    return [header(entry, content.length, mtime), content, padding]
  })
  return Buffer.concat([...blocks, new Uint8Array(2 * BLOCK)])
}

function header(entry: Entry, size: number, mtime: number): Uint8Array {
  const block = Buffer.alloc(BLOCK)
  const { prefix, name } = splitPath(entry.type === 'directory' ? `${entry.path}/` : entry.path)
  const mode = entry.type === 'link' ? 0o777 : entry.mode
  block.write(name, 0, 100)
  block.write(octal(mode, 8), 100)
  block.write(octal(0, 8), 108)
  block.write(octal(0, 8), 116)
  block.write(octal(size, 12), 124)
  block.write(octal(mtime, 12), 136)
  block.write(' '.repeat(8), 148)
  block.write(TYPE_FLAG[entry.type], 156)
  if (entry.type === 'link') block.write(entry.target, 157, 100)
  block.write('ustar\u000000', 257, 'latin1')
  block.write(prefix, 345, 155)
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return block
}

function octal(value: number, width: number): string {
  return `${value.toString(8).padStart(width - 1, '0')}\0`
}

function splitPath(path: string): { prefix: string; name: string } {
  if (path.length <= 100) return { prefix: '', name: path }
  const cut = path.indexOf('/', path.length - 101)
  if (cut < 0 || cut > 155) throw new Error(`path too long for ustar: ${path}`)
  return { prefix: path.slice(0, cut), name: path.slice(cut + 1) }
}

/** Reads an archive as `dpkg-deb --fsys-tarfile` writes it: files, directories and symbolic links; GNU long names too. */
export function readTar(archive: Uint8Array): readonly Entry[] {
  const bytes = Buffer.from(archive.buffer, archive.byteOffset, archive.byteLength)
  const entries: Entry[] = []
  let longName: string | null = null
  for (let at = 0; at + BLOCK <= bytes.length && bytes[at] !== 0; ) {
    const field = (from: number, length: number): string =>
      bytes.toString('utf8', at + from, at + from + length).replace(/\0.*$/s, '')
    const size = Number.parseInt(field(124, 12), 8)
    const content = bytes.subarray(at + BLOCK, at + BLOCK + size)
    const flag = field(156, 1)
    const path: string = longName ?? [field(345, 155), field(0, 100)].filter(Boolean).join('/')
    longName = flag === 'L' ? content.toString('utf8').replace(/\0.*$/s, '') : null
    const mode = Number.parseInt(field(100, 8), 8)
    if (flag !== 'L')
      entries.push(entryOf(flag, { path: clean(path), target: field(157, 100), mode, content }))
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK
  }
  return entries
}

interface Read {
  readonly path: string
  readonly target: string
  readonly mode: number
  readonly content: Uint8Array
}

function entryOf(flag: string, { path, target, mode, content }: Read): Entry {
  if (flag === TYPE_FLAG.directory) return { type: 'directory', path, mode }
  if (flag === TYPE_FLAG.link) return { type: 'link', path, target }
  if (flag === TYPE_FLAG.file || flag === '') return { type: 'file', path, mode, content }
  throw new Error(`tar entry ${path} has the unexpected type ${JSON.stringify(flag)}`)
}

function clean(path: string): string {
  return path.replace(/^\.?\/+/, '').replace(/\/+$/, '')
}
