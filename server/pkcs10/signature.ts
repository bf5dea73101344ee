import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import type { Fault, ParsedRequest, PublicKey } from '../../policies/types.ts'
import { fault, isFault } from '../der/faults.ts'
import type { Element } from '../der/read.ts'
import { TAG } from '../der/tags.ts'
import { readAlgorithm, readScheme, type Scheme } from './algorithm.ts'
import { isVerifiable } from './rsa.ts'

export type Signature = ParsedRequest['signature']

/** The last two parts of a request, and what they are about. */
export interface Signed {
  readonly algorithm: Element
  readonly signature: Element
  readonly key: PublicKey
  /** The octets of the CertificationRequestInfo, and of the SubjectPublicKeyInfo in it. */
  readonly message: Uint8Array
  readonly spki: Uint8Array
}

/** What the signature claims to be, without verifying it. */
export function readSignature(signed: Signed): Signature | Fault {
  const claim = readClaim(signed)
  return isFault(claim) ? claim : claim.signature
}

/**
 * Verifies where key and algorithm are supported; a signature that does not verify is a fault, the API server would
 * have refused it. The costly step: everything else about the request has been read.
 */
export function verifySignature(signed: Signed): Signature | Fault {
  const claim = readClaim(signed)
  if (isFault(claim)) return claim
  const { scheme, signature } = claim
  if (scheme === null || !isVerifiable(signed.key)) return signature
  const verifier = load(signed)
  if (isFault(verifier)) return verifier
  const octets = signed.signature.content.subarray(1)
  if (verify(scheme.hash, signed.message, verifier, octets)) return { ...signature, verified: true }
  return fault('SignatureInvalid', signed.signature.at, `the ${scheme.name} signature does not verify`)
}

interface Claim {
  readonly signature: Signature
  /** Null when it cannot be verified, or not by that key. */
  readonly scheme: Scheme | null
}

function readClaim({ algorithm, signature, key }: Signed): Claim | Fault {
  const named = readAlgorithm(algorithm)
  if (isFault(named)) return named
  const scheme = readScheme(named)
  if (isFault(scheme)) return scheme
  if (signature.tag !== TAG.bitString || signature.content[0] !== 0) {
    return fault('SignatureMalformed', signature.at, 'the signature is not a bit string of whole octets')
  }
  const { at } = algorithm
  if (typeof scheme === 'string') {
    return { signature: { algorithm: scheme, fitsKey: false, verified: false, at }, scheme: null }
  }
  const fitsKey = scheme.key === key.type
  return {
    signature: { algorithm: scheme.name, fitsKey, verified: false, at },
    scheme: fitsKey ? scheme : null,
  }
}

function load({ key, spki }: Signed): KeyObject | Fault {
  try {
    return createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' })
  } catch {
    // OpenSSL's reason would quote octets; the rule is enough.
    return fault('KeyMalformed', key.at, 'the public key is not on its curve or not a key')
  }
}
