import type { Fault } from '../../policies/types.ts'

/**
 * Every way in which a request is unreadable: a stable code, and the rule that was broken.
 * In the order in which the rules are applied: text, DER structure, DER content, PKCS#10, signature.
 */
export const faultRules = {
  RequestTooLarge: 'the request is at most 64 KiB of DER in one PEM block',
  Base64NotCanonical: 'spec.request is canonical base64: standard alphabet, padded, no white space',
  PemMissing: 'the text starts with -----BEGIN CERTIFICATE REQUEST----- on a line of its own',
  PemUnfinished: 'the block ends with -----END CERTIFICATE REQUEST----- on a line of its own',
  PemTrailing: 'nothing but one newline follows the block',
  PemHeader: 'the block has no headers',
  PemNotCanonical: 'the body is canonical base64 in lines of 64 characters',

  Truncated: 'an element has an identifier and length octets',
  TagForbidden: 'an element is of a type that PKCS#10 uses',
  FormWrong: 'sequences and sets are constructed, all other types primitive',
  LengthIndefinite: 'a length is definite',
  LengthNotMinimal: 'a length has as few octets as possible',
  LengthOverrun: 'an element ends inside the one that holds it',
  TrailingElement: 'one element fills the encoding, and nothing follows it',
  TooDeep: 'elements nest at most 16 deep',
  TooManyElements: 'the request has at most 1,024 elements',

  BooleanNotCanonical: 'a BOOLEAN is one octet, 00 or FF',
  IntegerNotMinimal: 'an INTEGER has as few octets as possible, and at least one',
  BitStringMalformed: 'a BIT STRING says how many bits are unused, and those are zero',
  NullNotEmpty: 'a NULL is empty',
  OidMalformed: 'an OBJECT IDENTIFIER is minimal, complete, of arcs below 2^31 and of at most 64 octets',
  StringMalformed: 'a string holds characters of its type only',
  SetUnsorted: 'the elements of a SET OF stand in the order of their encodings, none twice',
  ParsersDisagree: 'node-forge reads the same elements, and writes them again as the same octets',

  RequestMalformed: 'a request is what is requested, a signature algorithm and a signature',
  InfoMalformed: 'what is requested is a version, a subject, a public key and attributes',
  VersionUnsupported: 'the version is 0',
  SubjectMalformed: 'a subject is sets of attributes, each a type and a value',
  AttributeMalformed: 'an attribute is a type and a set of values',
  ExtensionsMalformed: 'an extensionRequest is a sequence of extensions, each a type, criticality and value',
  DefaultEncoded: 'a criticality of FALSE is left out, being the default',
  SanMalformed: 'a subjectAltName is a sequence of general names, context tags 0 to 8',
  AlgorithmMalformed: 'an algorithm is an identifier and the parameters that it requires',
  KeyMalformed: 'a public key is what its algorithm says: a point on the curve, a modulus and an exponent',
  SignatureMalformed: 'a signature is whole octets',
  SignatureInvalid: 'the key that is named has signed the request',
} as const

export type FaultCode = keyof typeof faultRules

/** @param detail static text, numbers and identifiers only: nothing that the requester wrote */
export const fault = (code: FaultCode, at: number, detail: string): Fault =>
  Object.freeze({ readable: false, code, at, message: detail })

export const isFault = (value: unknown): value is Fault =>
  typeof value === 'object' && value !== null && 'readable' in value && value.readable === false

/** Reads each, until one cannot be read. */
export function readEach<Item, Read>(
  items: readonly Item[],
  read: (item: Item) => Read | Fault,
): Read[] | Fault {
  const all: Read[] = []
  for (const item of items) {
    const one = read(item)
    if (isFault(one)) return one
    all.push(one)
  }
  return all
}

/** Where two texts begin to differ; the length of the shorter where one starts with the other. */
export function firstDifference(left: string, right: string): number {
  let index = 0
  while (index < left.length && left[index] === right[index]) index += 1
  return index
}
