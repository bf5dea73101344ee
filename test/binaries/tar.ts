/** Header and content come in blocks of 512 bytes (POSIX ustar). */
const BLOCK = 512

/** The content of one regular file of a tar archive, by its whole name; undefined when it is absent or cut off. */
export function fileInTar(archive: Buffer, name: string): Buffer | undefined {
  let at = 0
  while (at + BLOCK <= archive.length) {
    const header = archive.subarray(at, at + BLOCK)
    const size = Number.parseInt(text(header, 124, 12), 8)
    if (!Number.isSafeInteger(size) || size < 0) return undefined
    const content = archive.subarray(at + BLOCK, at + BLOCK + size)
    const regular = header[156] === 0x30 || header[156] === 0
    if (regular && text(header, 0, 100) === name) return content.length === size ? content : undefined
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK
  }
  return undefined
}

function text(header: Buffer, offset: number, length: number): string {
  const field = header.subarray(offset, offset + length)
  const end = field.indexOf(0)
  return field.toString('latin1', 0, end < 0 ? length : end).trim()
}
