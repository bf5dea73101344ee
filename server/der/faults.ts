import type { Fault } from '../../policies/types.ts'

/**
 * Why a request is unreadable: a stable code, and the rule that the request breaks. The order is that in which the
 * rules are applied: text, DER structure, DER content, PKCS#10, signature.
 */
export const faultRules = {
  RequestTooLarge: 'the request is at most 64 KiB of DER in one PEM block',
  Base64NotCanonical: 'spec.request is canonical base64: standard alphabet, padded, no white space',
  PemMissing: 'the text starts with -----BEGIN CERTIFICATE REQUEST----- on a line of its own',
  PemUnfinished: 'the block ends with -----END CERTIFICATE REQUEST----- on a line of its own',
  PemTrailing: 'nothing but one newline follows the block',
  PemHeader: 'the block has no headers',
  PemNotCanonical: 'the body is canonical base64 in lines of 64 characters',

  TooDeep: 'elements nest at most 16 deep',
  TooManyElements: 'the request has at most 1,024 elements',
  NotDer:
    'the octets are exactly one element in DER, as node-forge encodes it: definite lengths, as short as possible',
  TagForbidden: 'every element has a type that PKCS#10 uses',
  FormWrong: 'sequences and sets are constructed, all other types primitive',

  BooleanNotCanonical: 'a BOOLEAN is one octet, 00 or FF',
  IntegerEmpty: 'an INTEGER has at least one octet',
  BitStringMalformed: 'a BIT STRING gives its number of unused bits, and those bits are zero',
  NullNotEmpty: 'a NULL is empty',
  OidMalformed: 'an OBJECT IDENTIFIER is minimal and complete, with arcs below 2^31 and at most 64 octets',
  StringMalformed: 'a string contains only characters of its type',
  SetUnsorted: 'the elements of a SET OF are in the order of their encodings, without duplicates',

  RequestMalformed: 'a request is a CertificationRequestInfo, a signature algorithm and a signature',
  InfoMalformed: 'a CertificationRequestInfo is a version, a subject, a public key and attributes',
  VersionUnsupported: 'the version is 0',
  SubjectMalformed: 'a subject is a sequence of sets of attributes, each a type and a value',
  AttributeMalformed: 'an attribute is a type and a set of values',
  ExtensionsMalformed: 'an extensionRequest is a sequence of extensions, each a type, criticality and value',
  DefaultEncoded: 'a criticality of FALSE is omitted, since it is the default',
  SanMalformed: 'a subjectAltName is a sequence of general names, context tags 0 to 8',
  AlgorithmMalformed: 'an algorithm is an identifier and the parameters that it requires',
  KeyMalformed:
    'a public key has the form of its algorithm: a point on the curve, or a modulus and an exponent',
  SignatureMalformed: 'a signature is a BIT STRING of whole octets',
  SignatureInvalid: 'the request is signed by the key in it',
} as const

export type FaultCode = keyof typeof faultRules

/** @param detail fixed text, numbers and identifiers only, never text from the requester */
export const fault = (code: FaultCode, at: number, detail: string): Fault =>
  Object.freeze({ readable: false, code, at, message: detail })

export const isFault = (value: unknown): value is Fault =>
  typeof value === 'object' && value !== null && 'readable' in value && value.readable === false

/** Reads all items. Returns the first fault. */
export function readEach<Item, Read>(
  items: readonly Item[],
  read: (item: Item) => Read | Fault,
): Read[] | Fault {
  const all: Read[] = []
  for (const item of items) {
    const result = read(item)
    if (isFault(result)) return result
    all.push(result)
  }
  return all
}

/** The index of the first difference of two texts. If one starts with the other, the length of the shorter. */
export function firstDifference(left: string, right: string): number {
  let index = 0
  while (index < left.length && left[index] === right[index]) index += 1
  return index
}
