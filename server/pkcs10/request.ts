import { hash } from 'node:crypto'
import type { Fault, ParsedRequest } from '../../policies/types.ts'
import { fault, isFault } from '../der/faults.ts'
import { DER_MAX, readPem, readRequestText } from '../der/pem.ts'
import { type Element, encoded, ANY, sequenceOf, readWhole, type Source, sourceOf } from '../der/read.ts'
import { TAG } from '../der/tags.ts'
import { readAttributes } from './attributes.ts'
import { readKey } from './key.ts'
import { readSignature, type Signature, type Signed, verifySignature } from './signature.ts'
import { readSubject } from './subject.ts'

/**
 * Reads a PKCS#10 request (RFC 2986, one canonical PEM block) from the octets that the signer would sign.
 * Never throws. Time is linear in the length, plus one signature verification.
 * @param request `spec.request`: base64 of the PEM text
 */
export function readRequest(request: string): ParsedRequest | Fault {
  const pem = readRequestText(request)
  return isFault(pem) ? pem : readText(pem)
}

/**
 * Like {@link readRequest}, without verifying the signature, which costs more than all the rest. The API server verifies it
 * before any webhook is called and again with each update (kubernetes pkg/apis/certificates/validation: validateCSR), and so
 * does the signer before it signs (pkg/controller/certificates/authority).
 */
export function readUnverified(request: string): ParsedRequest | Fault {
  const pem = readRequestText(request)
  const der = isFault(pem) ? pem : readPem(pem)
  return isFault(der) ? der : readParts(der, readSignature)
}

/** Like {@link readRequest}, from PEM text with one character per octet. */
export function readText(pem: string): ParsedRequest | Fault {
  const der = readPem(pem)
  return isFault(der) ? der : readDer(der)
}

/** Like {@link readRequest}, from DER. */
export function readDer(der: Uint8Array): ParsedRequest | Fault {
  return readParts(der, verifySignature)
}

type SignatureReader = (signed: Signed) => Signature | Fault

function readParts(der: Uint8Array, signatureOf: SignatureReader): ParsedRequest | Fault {
  if (der.length > DER_MAX) return fault('RequestTooLarge', 0, `${der.length} octets of DER`)
  const source = sourceOf(der)
  const whole = readWhole(source)
  if (isFault(whole)) return whole
  const parts = sequenceOf(whole, ANY, ANY, ANY)
  if (!parts) return fault('RequestMalformed', whole.at, 'a request does not have exactly three parts')
  const [info, algorithm, octets] = parts
  const infoRead = readInfo(info, source)
  if (isFault(infoRead)) return infoRead
  const { spki, ...read } = infoRead
  const signature = signatureOf({
    algorithm,
    signature: octets,
    key: read.key,
    message: encoded(info, der),
    spki,
  })
  if (isFault(signature)) return signature
  const spkiSha256 = hash('sha256', spki)
  return deepFreeze({ readable: true, ...read, signature, spkiSha256 })
}

type Info = Pick<ParsedRequest, 'subject' | 'attributes' | 'extensions' | 'sans' | 'key'> & {
  spki: Uint8Array
}

/** Reads the CertificationRequestInfo, RFC 2986 §4.1. Go ignores elements after the fourth; here they are a fault. */
function readInfo(info: Element, source: Source): Info | Fault {
  const parts = sequenceOf(info, TAG.integer, ANY, ANY, ANY)
  if (!parts)
    return fault('InfoMalformed', info.at, 'a CertificationRequestInfo does not have exactly four parts')
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
  return { subject, ...attributes, key, spki: encoded(spki, source.der) }
}

/** Facts are plain, frozen JSON. */
function deepFreeze<T extends object>(value: T): T {
  for (const key in value) {
    const inner: unknown = value[key]
    if (typeof inner === 'object' && inner !== null) deepFreeze(inner)
  }
  return Object.freeze(value)
}
