import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import type { Fault, ParsedRequest, PublicKey } from '../../policies/types.ts'
import { fault, isFault } from '../der/faults.ts'
import type { Element } from '../der/read.ts'
import { TAG } from '../der/tags.ts'
import { readAlgorithm, readScheme, type Scheme } from './algorithm.ts'
import { isVerifiable } from './key.ts'

export type Signature = ParsedRequest['signature']

/** The signature algorithm and the signature of a request, and what they sign. */
export interface Signed {
  readonly algorithm: Element
  readonly signature: Element
  readonly key: PublicKey
  /** The octets of the CertificationRequestInfo. */
  readonly message: Uint8Array
  /** The octets of the SubjectPublicKeyInfo. */
  readonly spki: Uint8Array
}

/** Reads the signature without verifying it. */
export function readSignature(signed: Signed): Signature | Fault {
  const claim = readClaim(signed)
  return isFault(claim) ? claim : claim.signature
}

/**
 * Verifies the signature if key and algorithm are supported. A signature that does not verify is a fault; the API server
 * would refuse it too. This step is expensive, so it comes last.
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
  /** Null if the algorithm is not supported, or does not fit the key. */
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
    // OpenSSL's message could quote the input, so it is not used.
    return fault('KeyMalformed', key.at, 'the public key is not on its curve or not a key')
  }
}
