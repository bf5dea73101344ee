import { open } from 'node:fs/promises'

/** What a file says, or why that cannot be known, to be read after its path. */
export type TextReading =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly problem: string }

/** Reads a file of UTF-8 text of at most `maxBytes`. */
export async function readText(path: string, maxBytes: number): Promise<TextReading> {
  try {
    await using file = await open(path)
    const buffer = Buffer.alloc(maxBytes + 1)
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0)
    if (bytesRead > maxBytes) return { ok: false, problem: `is larger than ${maxBytes} bytes` }
    return { ok: true, text: buffer.toString('utf8', 0, bytesRead) }
  } catch (error) {
    return { ok: false, problem: `cannot be read: ${error instanceof Error ? error.message : String(error)}` }
  }
}
