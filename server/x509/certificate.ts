import { hash } from 'node:crypto'
import type { Fault, San, SubjectAttribute } from '../../policies/types.ts'
import { dotted } from '../der/content.ts'
import { fault, isFault, readEach } from '../der/faults.ts'
import { ANY, type Element, encoded, sequenceOf } from '../der/read.ts'
import { contextNumber, GENERALIZED_TIME, TAG, UTC_TIME } from '../der/tags.ts'
import { readTree } from '../der/tree.ts'
import { readSans } from '../pkcs10/sans.ts'
import { readSubject } from '../pkcs10/subject.ts'

type Name = readonly (readonly SubjectAttribute[])[]

/** What a certificate says, as far as a request asks for it. Times are milliseconds since the epoch. */
export interface Certificate {
  readonly readable: true
  readonly subject: Name
  readonly issuer: Name
  /** The identifier of the issuer's key in hex; empty if the certificate does not have it. */
  readonly issuerKeyId: string
  readonly spkiSha256: string
  readonly notBefore: number
  readonly notAfter: number
  readonly sans: readonly San[]
  /** The first octet of KeyUsage, RFC 5280 §4.2.1.3. Null if there is none, which limits nothing. */
  readonly keyUsage: number | null
  /** Dotted. Empty if there are none, which limits nothing. */
  readonly extendedKeyUsages: readonly string[]
  readonly isAuthority: boolean
}

const EXTENSIONS = {
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
} as const

/** `[0]` with the version and `[3]` with the extensions, RFC 5280 §4.1. */
const VERSION = 0xa0
const EXTENSION_LIST = 0xa3
/** Version, serial number, signature algorithm, issuer, validity, subject, public key. */
const REQUIRED = [
  VERSION,
  TAG.integer,
  TAG.sequence,
  TAG.sequence,
  TAG.sequence,
  TAG.sequence,
  TAG.sequence,
] as const

/** Reads a version 3 certificate, RFC 5280, from DER. Never throws. Time is linear in the length. */
export function readCertificate(der: Uint8Array): Certificate | Fault {
  const body = readBody(der)
  if (isFault(body)) return body
  const names = readEach([body.issuer, body.subject], readSubject)
  if (isFault(names)) return names
  const [issuer = [], subject = []] = names
  const times = readValidity(body.validity)
  if (isFault(times)) return times
  const extensions = readExtensions(body.extensions)
  if (isFault(extensions)) return extensions
  const spkiSha256 = hash('sha256', encoded(body.spki, der))
  return { readable: true, subject, issuer, spkiSha256, ...times, ...extensions }
}

interface Body {
  readonly issuer: Element
  readonly validity: Element
  readonly subject: Element
  readonly spki: Element
  readonly extensions: readonly Element[]
}

/** The parts of a TBSCertificate that are read. */
function readBody(der: Uint8Array): Body | Fault {
  const whole = readTree(der)
  if (isFault(whole)) return whole
  const children = sequenceOf(whole, TAG.sequence, TAG.sequence, TAG.bitString)?.[0].children ?? []
  const parts = sequenceOf({ ...whole, children: children.slice(0, REQUIRED.length) }, ...REQUIRED)
  if (parts === null) return fault('RequestMalformed', whole.at, 'it is not a certificate of version 3')
  const [, , , issuer, validity, subject, spki] = parts
  const list = children.find(({ tag }) => tag === EXTENSION_LIST)
  return { issuer, validity, subject, spki, extensions: list?.children[0]?.children ?? [] }
}

function readValidity(validity: Element): Pick<Certificate, 'notBefore' | 'notAfter'> | Fault {
  const [notBefore = Number.NaN, notAfter = Number.NaN] = validity.children.map(readTime)
  if (Number.isNaN(notBefore) || Number.isNaN(notAfter))
    return fault('StringMalformed', validity.at, 'the validity is not two times')
  return { notBefore, notAfter }
}

/** `YYMMDDhhmmssZ` until 2049 or `YYYYMMDDhhmmssZ`, RFC 5280 §4.1.2.5; NaN if it is neither. */
function readTime({ tag, content }: Element): number {
  const digits = Buffer.from(content).toString('latin1')
  const century = tag === UTC_TIME ? (digits < '50' ? '20' : '19') : ''
  if (tag !== UTC_TIME && tag !== GENERALIZED_TIME) return Number.NaN
  const found = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/u.exec(century + digits)
  if (found === null) return Number.NaN
  const [, year, month, day, hour, minute, second] = found
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
}

type Extensions = Pick<Certificate, 'sans' | 'keyUsage' | 'extendedKeyUsages' | 'isAuthority' | 'issuerKeyId'>

function readExtensions(list: readonly Element[]): Extensions | Fault {
  const read = readEach(list, readExtension)
  if (isFault(read)) return read
  const byId = new Map(read)
  const names = byId.get(EXTENSIONS.subjectAltName)
  const sans = names === undefined ? [] : readSans(names)
  if (isFault(sans)) return sans
  return {
    sans,
    keyUsage: byId.get(EXTENSIONS.keyUsage)?.content[1] ?? null,
    extendedKeyUsages: usagesIn(byId.get(EXTENSIONS.extendedKeyUsage)),
    isAuthority: isAuthority(byId.get(EXTENSIONS.basicConstraints)),
    issuerKeyId: keyIdOf(byId.get(EXTENSIONS.authorityKeyIdentifier)),
  }
}

function usagesIn(usages: Element | undefined): string[] {
  return (usages?.children ?? []).map((usage) => (usage.tag === TAG.oid ? dotted(usage) : ''))
}

function readExtension(extension: Element): [string, Element] | Fault {
  const plain = sequenceOf(extension, TAG.oid, TAG.octetString)
  const critical = sequenceOf(extension, TAG.oid, ANY, TAG.octetString)
  const [type, value] = critical === null ? (plain ?? []) : [critical[0], critical[2]]
  if (!type || !value)
    return fault('ExtensionsMalformed', extension.at, 'an extension is not a type, criticality and value')
  const inside = readTree(value.content)
  return isFault(inside) ? inside : [dotted(type), inside]
}

/** `cA BOOLEAN DEFAULT FALSE`, RFC 5280 §4.2.1.9. */
function isAuthority(constraints: Element | undefined): boolean {
  const first = constraints?.children[0]
  return first?.tag === TAG.boolean && first.content[0] !== 0
}

/** `[0] keyIdentifier`, RFC 5280 §4.2.1.1. */
function keyIdOf(identifier: Element | undefined): string {
  const key = identifier?.children.find(({ tag }) => contextNumber(tag) === 0)
  return key === undefined ? '' : Buffer.from(key.content).toString('hex')
}
