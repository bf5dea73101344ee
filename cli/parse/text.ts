import { formatAddress, isAddress } from '../../policies/address.ts'
import { asciiJson } from '../../policies/text.ts'
import type { Fault, ParsedRequest, PublicKey, San } from '../../policies/types.ts'
import { type FaultCode, faultRules } from '../../server/der/faults.ts'
import { judgeShape } from './shape.ts'

/** Names of the identifiers that occur in requests; others stand as they are. */
const names: Readonly<Record<string, string>> = {
  '2.5.4.3': 'commonName',
  '2.5.4.5': 'serialNumber',
  '2.5.4.6': 'countryName',
  '2.5.4.7': 'localityName',
  '2.5.4.8': 'stateOrProvinceName',
  '2.5.4.10': 'organizationName',
  '2.5.4.11': 'organizationalUnitName',
  '1.2.840.113549.1.9.7': 'challengePassword',
  '1.2.840.113549.1.9.14': 'extensionRequest',
  '2.5.29.14': 'subjectKeyIdentifier',
  '2.5.29.15': 'keyUsage',
  '2.5.29.17': 'subjectAltName',
  '2.5.29.19': 'basicConstraints',
  '2.5.29.37': 'extKeyUsage',
}

const named = (oid: string): string => (oid in names ? `${names[oid]} (${oid})` : oid)

type Row = readonly [at: number | null, text: string]

/** Every part of a request for a person, each with the byte offset in the DER where it stands; or why it cannot be read. */
export function describe(read: ParsedRequest | Fault): string {
  return read.readable ? describeRequest(read) : describeFault(read)
}

function describeFault({ code, at, message }: Fault): string {
  const rule = isFaultCode(code) ? `\nrule: ${faultRules[code]}` : ''
  return `unreadable: ${code} at octet ${at}: ${message}${rule}\n`
}

const isFaultCode = (code: string): code is FaultCode => code in faultRules

function describeRequest(request: ParsedRequest): string {
  const sections: [title: string, rows: Row[]][] = [
    ['subject', subjectRows(request)],
    [
      'public key',
      [
        [request.key.at, keyText(request.key)],
        [null, `SHA-256 of its SubjectPublicKeyInfo ${request.spkiSha256}`],
      ],
    ],
    ['attributes', request.attributes.map(({ at, oid, values }) => [at, `${named(oid)}, values: ${values}`])],
    [
      'extensions',
      request.extensions.map(({ at, oid, critical }) => [at, named(oid) + (critical ? ', critical' : '')]),
    ],
    ['subject alternative names', request.sans.map((san) => [san.at, sanText(san)])],
    ['signature', [[request.signature.at, signatureText(request)]]],
  ]
  const body = sections
    .map(([title, rows]) => `${title}\n${rows.map(line).join('') || '        none\n'}`)
    .join('')
  const problem = judgeShape(request)
  return `${body}shape\n        ${problem ? `refused: ${problem.code} at octet ${problem.at}: ${problem.detail}` : 'that of a kubelet'}\n`
}

const line = ([at, text]: Row): string => `${at === null ? ''.padEnd(7) : String(at).padStart(7)} ${text}\n`

function subjectRows({ subject }: ParsedRequest): Row[] {
  return subject.flatMap((rdn) =>
    rdn.map(
      ({ at, oid, encoding, value }, index): Row => [
        at,
        `${index > 0 ? '+ ' : ''}${named(oid)} ${encoding} ${asciiJson(JSON.stringify(value))}`,
      ],
    ),
  )
}

function keyText(key: PublicKey): string {
  switch (key.type) {
    case 'RSA':
      return `RSA, ${key.bits} bits, exponent ${key.exponent}`
    case 'ECDSA':
      return `ECDSA on ${key.curve}`
    case 'Ed25519':
      return 'Ed25519'
    case 'unsupported':
      return `${key.name}, not supported`
  }
}

function sanText({ kind, value }: San): string {
  if (kind === 'iPAddress' && isAddress(value)) return `${kind} ${formatAddress(value)}`
  const isText = kind === 'dNSName' || kind === 'rfc822Name' || kind === 'uniformResourceIdentifier'
  return `${kind} ${isText ? asciiJson(JSON.stringify(value)) : `0x${value}`}`
}

function signatureText({ signature: { algorithm, verified, fitsKey } }: ParsedRequest): string {
  if (verified) return `${algorithm}, verified`
  return `${algorithm}, not verified: ${fitsKey ? 'the key is out of bounds' : 'no key of the request makes it'}`
}
