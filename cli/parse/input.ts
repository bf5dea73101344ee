import type { Fault, ParsedRequest } from '../../policies/types.ts'
import { fault, isFault } from '../../server/der/faults.ts'
import { MAX_REQUEST, readBase64 } from '../../server/der/pem.ts'
import { readDer, readText } from '../../server/pkcs10/request.ts'

const SEQUENCE = 0x30
const HYPHEN = 0x2d

/** Reads one line of base64: of PEM text, as in `spec.request`, or of DER. */
export function readLine(line: string): ParsedRequest | Fault {
  const octets = readBase64(line)
  return isFault(octets) ? octets : readOctets(octets)
}

/** Reads a file: PEM text, DER, or one line of base64 of either. */
export function readFileContent(content: Uint8Array): ParsedRequest | Fault {
  const isBinary = content[0] === SEQUENCE && (content[1] ?? 0) >= 0x80
  if (isBinary || content[0] === HYPHEN) return readOctets(content)
  return readLine(Buffer.from(content).toString('latin1').trimEnd())
}

function readOctets(octets: Uint8Array): ParsedRequest | Fault {
  return octets[0] === SEQUENCE ? readDer(octets) : readText(Buffer.from(octets).toString('latin1'))
}

export const tooLong = (): Fault => fault('RequestTooLarge', 0, `more than ${MAX_REQUEST} characters`)

/** The lines of a stream, without newlines. A line longer than any request is null, and is not kept in memory. */
export async function* readLines(stream: AsyncIterable<Uint8Array>): AsyncGenerator<string | null> {
  let held = ''
  let skipping = false
  for await (const chunk of stream) {
    const pieces = (held + Buffer.from(chunk).toString('latin1')).split('\n')
    held = pieces.pop() ?? ''
    for (const piece of pieces) {
      yield skipping || piece.length > MAX_REQUEST ? null : piece.replace(/\r$/u, '')
      skipping = false
    }
    if (held.length > MAX_REQUEST) {
      held = ''
      skipping = true
    }
  }
  if (held !== '' || skipping) yield skipping ? null : held
}

/** The whole stream, or null if it is longer than any request. */
export async function readAll(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array | null> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of stream) {
    length += chunk.length
    if (length > MAX_REQUEST) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
