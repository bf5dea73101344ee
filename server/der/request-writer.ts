import { generateKeyPairSync, sign } from 'node:crypto'
import { generalName, pem } from './certificate-writer.ts'
import {
  bitString,
  explicit,
  integer,
  octetString,
  oid,
  rewritten,
  sequence,
  set,
  toDer,
  utf8String,
  type Written,
} from './write.ts'

/** The content of a request. */
interface RequestContent {
  readonly commonName: string
  /** Null: none is named. */
  readonly organization: string | null
  /** DNS names and IP addresses as text; empty: there is no SAN extension. */
  readonly names: readonly string[]
}

const OID = {
  commonName: '2.5.4.3',
  organization: '2.5.4.10',
  extensionRequest: '1.2.840.113549.1.9.14',
  subjectAltName: '2.5.29.17',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
} as const

/** Writes a PKCS#10 request (RFC 2986) with a new EC P-256 key, which is thrown away. Returns PEM. */
export function writeRequest({ commonName, organization, names }: RequestContent): string {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const subject = [
    ...(organization === null ? [] : [attribute(OID.organization, organization)]),
    attribute(OID.commonName, commonName),
  ]
  const information = sequence(
    integer(Uint8Array.of(0)),
    sequence(...subject),
    rewritten(publicKey.export({ type: 'spki', format: 'der' })),
    explicit(0, ...(names.length === 0 ? [] : [extensionRequest(names)])),
  )
  const signature = sign('sha256', toDer(information), privateKey)
  const der = toDer(sequence(information, sequence(oid(OID.ecdsaWithSha256)), bitString(signature)))
  return pem('CERTIFICATE REQUEST', der)
}

function attribute(id: string, text: string): Written {
  return set(sequence(oid(id), utf8String(text)))
}

function extensionRequest(names: readonly string[]): Written {
  const value = octetString(toDer(sequence(...names.map(generalName))))
  return sequence(oid(OID.extensionRequest), set(sequence(sequence(oid(OID.subjectAltName), value))))
}
