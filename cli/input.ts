import { readText, type TextReading } from '../server/files.ts'
import type { Context } from './context.ts'

/** The text of a file, or of standard input for `-`. */
export async function readInput(
  file: string,
  maxBytes: number,
  stdin: Context['stdin'],
): Promise<TextReading> {
  if (file !== '-') return await readText(file, maxBytes)
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of stdin) {
    length += chunk.length
    if (length > maxBytes) return { ok: false, problem: `is larger than ${maxBytes} bytes` }
    chunks.push(chunk)
  }
  return { ok: true, text: Buffer.concat(chunks).toString() }
}
