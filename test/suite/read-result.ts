import { formatAddress } from '../../policies/address.ts'
import { addresses, commonNames, dnsNames, organizations } from '../../policies/request.ts'
import type { Fault, ParsedRequest, PublicKey } from '../../policies/types.ts'
import { judgeShape } from './shape.ts'

/** What was read of one request. `fault` is a code of the reader, or of a check of the request's shape. */
export type Result =
  | {
      readonly ok: true
      readonly commonNames: readonly string[]
      readonly organizations: readonly string[]
      readonly dnsNames: readonly string[]
      readonly addresses: readonly string[]
      readonly key: { readonly type: string; readonly bits: number; readonly curve?: string }
      readonly signature: string
      readonly spkiSha256: string
    }
  | { readonly ok: false; readonly fault: string; readonly at: number; readonly message: string }

export function resultOf(read: ParsedRequest | Fault): Result {
  if (!read.readable) return { ok: false, fault: read.code, at: read.at, message: read.message }
  const problem = judgeShape(read)
  if (problem) return { ok: false, fault: problem.code, at: problem.at, message: problem.detail }
  return {
    ok: true,
    commonNames: commonNames(read),
    organizations: organizations(read),
    dnsNames: dnsNames(read),
    addresses: addresses(read).map(formatAddress),
    key: keyOf(read.key),
    signature: read.signature.algorithm,
    spkiSha256: read.spkiSha256,
  }
}

function keyOf(key: PublicKey): { type: string; bits: number; curve?: string } {
  if (key.type === 'unsupported') return { type: key.name, bits: 0 }
  return key.type === 'ECDSA'
    ? { type: key.type, bits: key.bits, curve: key.curve }
    : { type: key.type, bits: key.bits }
}
