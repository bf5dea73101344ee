import { createHash, verify } from 'node:crypto'
import type { Fault, ParsedRequest } from '../../policies/types.ts'
import { fault, isFault } from '../der/faults.ts'
import { MAX_DER, readPem, readRequestText } from '../der/pem.ts'
import { type Element, encoded } from '../der/read.ts'
import { ANY, sequenceOf } from '../der/shape.ts'
import { TAG } from '../der/tags.ts'
import { readAlgorithm, readScheme, type Scheme } from './csr/algorithm.ts'
import { type Attributes, readAttributes } from './csr/attributes.ts'
import { type Key, loadKey, readKey } from './csr/key.ts'
import { readWhole, type Source, sourceOf } from './csr/source.ts'
import { readSubject } from './csr/subject.ts'

/**
 * What a CSR asks for, read from the very octets that the cluster would sign: PKCS#10, RFC 2986, in one clean PEM block.
 * Total and bounded: any string is answered, in time linear in its length apart from one signature verification.
 * @param requestBase64 `spec.request`
 */
export function readRequest(requestBase64: string): ParsedRequest | Fault {
  return readAs(requestBase64, true)
}

/**
 * The same without verifying the signature, and so without any costly step: for what the API server verified before
 * it stored it. `signature.verified` is false, so nothing read this way can be approved.
 */
export function readUnverified(requestBase64: string): ParsedRequest | Fault {
  return readAs(requestBase64, false)
}

function readAs(requestBase64: string, verifying: boolean): ParsedRequest | Fault {
  const text = readRequestText(requestBase64)
  if (isFault(text)) return text
  const der = readPem(text)
  return isFault(der) ? der : readDer(der, verifying)
}

/** The same from PEM text, one character an octet. */
export function readText(pem: string): ParsedRequest | Fault {
  const der = readPem(pem)
  return isFault(der) ? der : readDer(der)
}

/** The same from DER. */
export function readDer(der: Uint8Array, verifying = true): ParsedRequest | Fault {
  if (der.length > MAX_DER) return fault('RequestTooLarge', 0, `${der.length} octets of DER`)
  const source = sourceOf(der)
  const whole = readWhole(source)
  if (isFault(whole)) return whole
  const parts = sequenceOf(whole, ANY, ANY, ANY)
  if (!parts) return fault('RequestMalformed', whole.at, 'a request is not its three parts')
  const [info, algorithm, signature] = parts
  const said = readInfo(info, source)
  if (isFault(said)) return said
  const signed = readSignature({ algorithm, signature, message: encoded(info, der), verifying }, said)
  if (isFault(signed)) return signed
  const { subject, attributes, extensions, sans, key, spkiSha256 } = said
  return deepFreeze({
    readable: true,
    subject,
    attributes,
    extensions,
    sans,
    key,
    signature: signed,
    spkiSha256,
  })
}

interface Info extends Attributes, Key {
  readonly subject: ParsedRequest['subject']
  readonly spkiSha256: string
}

/** CertificationRequestInfo, RFC 2986 §4.1. Go ignores elements after the fourth; here they are a fault. */
function readInfo(info: Element, source: Source): Info | Fault {
  const parts = sequenceOf(info, TAG.integer, ANY, ANY, ANY)
  if (!parts) return fault('InfoMalformed', info.at, 'what is requested is not its four parts')
  const [version, name, spki, list] = parts
  if (version.content.length !== 1 || version.content[0] !== 0) {
    return fault('VersionUnsupported', version.at, 'the version is not 0')
  }
  const subject = readSubject(name)
  if (isFault(subject)) return subject
  const key = readKey(spki, source)
  if (isFault(key)) return key
  const attributes = readAttributes(list, source)
  if (isFault(attributes)) return attributes
  const spkiSha256 = createHash('sha256').update(encoded(spki, source.der)).digest('hex')
  return { subject, ...key, ...attributes, spkiSha256 }
}

interface Signed {
  readonly algorithm: Element
  readonly signature: Element
  /** The octets of the CertificationRequestInfo. */
  readonly message: Uint8Array
  readonly verifying: boolean
}

function readSignature(signed: Signed, said: Key): ParsedRequest['signature'] | Fault {
  const { signature } = signed
  const { at } = signed.algorithm
  const algorithm = readAlgorithm(signed.algorithm)
  if (isFault(algorithm)) return algorithm
  const scheme = readScheme(algorithm)
  if (isFault(scheme)) return scheme
  if (signature.tag !== TAG.bitString || signature.content[0] !== 0) {
    return fault('SignatureMalformed', signature.at, 'the signature is not a bit string of whole octets')
  }
  if (typeof scheme === 'string') return { algorithm: scheme, fitsKey: false, verified: false, at }
  const fitsKey = scheme.key === said.key.type
  const verified = fitsKey && signed.verifying ? verifySignature(signed, said, scheme) : false
  return isFault(verified) ? verified : { algorithm: scheme.name, fitsKey, verified, at }
}

function verifySignature(
  { signature, message }: Signed,
  { key, verifiable }: Key,
  scheme: Scheme,
): boolean | Fault {
  if (verifiable === null) return false
  const loaded = loadKey(key, verifiable)
  if (isFault(loaded)) return loaded
  if (verify(scheme.hash, message, loaded, signature.content.subarray(1))) return true
  return fault('SignatureInvalid', signature.at, `the ${scheme.name} signature does not verify`)
}

/** Facts are plain, frozen JSON. */
function deepFreeze<T extends object>(value: T): T {
  for (const inner of Object.values(value)) {
    if (typeof inner === 'object' && inner !== null) deepFreeze(inner)
  }
  return Object.freeze(value)
}
