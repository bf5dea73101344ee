import type { Fault } from '../../policies/types.ts'
import { firstDifference, fault, isFault } from './faults.ts'

const BEGIN = '-----BEGIN CERTIFICATE REQUEST-----\n'
const END = '-----END CERTIFICATE REQUEST-----'

/** A kubelet's request has about 400 octets; with an RSA-4096 key and 100 names about 4 KiB. */
export const DER_MAX = 64 * 1024
const LINE = 64
const base64Length = (octets: number): number => Math.ceil(octets / 3) * 4
/** Base64 of the DER, a newline after each line, and the BEGIN and END lines. */
const PEM_MAX =
  base64Length(DER_MAX) + Math.ceil(base64Length(DER_MAX) / LINE) + BEGIN.length + END.length + 1

/** Characters of the longest valid `spec.request`: 118,428. */
export const REQUEST_TEXT_MAX = base64Length(PEM_MAX)

/** Decodes `spec.request`, base64 of PEM text. The API server always writes it canonically, so anything else is a fault. */
function readBase64(base64: string): Buffer | Fault {
  if (base64.length > base64Length(PEM_MAX))
    return fault('RequestTooLarge', 0, `${base64.length} characters of base64`)
  const octets = Buffer.from(base64, 'base64')
  const canonical = octets.toString('base64')
  if (canonical === base64) return octets
  return fault('Base64NotCanonical', firstDifference(canonical, base64), 'not canonical base64')
}

/**
 * Reads one PEM block, exactly as Go's pem.Encode writes it and every kubelet sends it. The last newline may be missing.
 * Go's pem.Decode reads the same DER from such a block. It also accepts text around the block, headers, white space and
 * lines of any length, which could hide a second block. These are refused.
 */
export function readPem(text: string): Uint8Array | Fault {
  if (text.length > PEM_MAX) return fault('RequestTooLarge', 0, `${text.length} characters of PEM`)
  if (!text.startsWith(BEGIN)) return fault('PemMissing', 0, 'no CERTIFICATE REQUEST block at the start')
  const end = text.indexOf(END, BEGIN.length)
  if (end < 0 || text[end - 1] !== '\n')
    return fault('PemUnfinished', BEGIN.length, 'the block has no last line')
  const after = end + END.length
  if (text.length > after && text.slice(after) !== '\n')
    return fault('PemTrailing', after, 'data follows the block')
  return readBody(text.slice(BEGIN.length, end))
}

function readBody(body: string): Uint8Array | Fault {
  const colon = body.indexOf(':')
  if (colon >= 0) return fault('PemHeader', BEGIN.length + colon, 'the block has a header')
  const der = Buffer.from(body, 'base64')
  const canonical = inLines(der.toString('base64'))
  if (canonical !== body) {
    const at = BEGIN.length + firstDifference(canonical, body)
    return fault('PemNotCanonical', at, 'not canonical base64 in lines of 64 characters')
  }
  return new Uint8Array(der)
}

function inLines(base64: string): string {
  let lines = ''
  for (let at = 0; at < base64.length; at += LINE) lines += `${base64.slice(at, at + LINE)}\n`
  return lines
}

/** The decoded `spec.request` as text, one character per octet. */
export function readRequestText(base64: string): string | Fault {
  const octets = readBase64(base64)
  return isFault(octets) ? octets : octets.toString('latin1')
}
