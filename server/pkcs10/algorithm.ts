import type { Fault, PublicKey } from '../../policies/types.ts'
import { fault } from '../der/faults.ts'
import { dotted } from '../der/content.ts'
import type { Element } from '../der/read.ts'
import { TAG } from '../der/tags.ts'

/** AlgorithmIdentifier, RFC 5280 §4.1.1.2. */
export interface Algorithm {
  readonly oid: string
  readonly parameters: Element | undefined
  readonly at: number
}

export function readAlgorithm(element: Element): Algorithm | Fault {
  const [type, parameters, more] = element.children
  if (element.tag !== TAG.sequence || type?.tag !== TAG.oid || more !== undefined) {
    return fault('AlgorithmMalformed', element.at, 'an algorithm is not an identifier with parameters')
  }
  return { oid: dotted(type), parameters, at: element.at }
}

/** A signature algorithm whose signatures can be verified. */
export interface Scheme {
  readonly name: string
  readonly key: Exclude<PublicKey['type'], 'unsupported'>
  /** The hash for node:crypto. Null if the scheme includes its own. */
  readonly hash: string | null
}

/** The algorithms that Go's CheckSignature verifies, except SHA-1 and RSASSA-PSS, which no kubelet has ever used. */
const schemes: Readonly<Record<string, Scheme>> = {
  '1.2.840.113549.1.1.11': { name: 'RSA-SHA256', key: 'RSA', hash: 'sha256' },
  '1.2.840.113549.1.1.12': { name: 'RSA-SHA384', key: 'RSA', hash: 'sha384' },
  '1.2.840.113549.1.1.13': { name: 'RSA-SHA512', key: 'RSA', hash: 'sha512' },
  '1.2.840.10045.4.3.2': { name: 'ECDSA-SHA256', key: 'ECDSA', hash: 'sha256' },
  '1.2.840.10045.4.3.3': { name: 'ECDSA-SHA384', key: 'ECDSA', hash: 'sha384' },
  '1.2.840.10045.4.3.4': { name: 'ECDSA-SHA512', key: 'ECDSA', hash: 'sha512' },
  '1.3.101.112': { name: 'Ed25519', key: 'Ed25519', hash: null },
}

/** Names of refused signature algorithms, for messages. */
const refused: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.4': 'RSA-MD5',
  '1.2.840.113549.1.1.5': 'RSA-SHA1',
  '1.2.840.113549.1.1.10': 'RSASSA-PSS',
  '1.2.840.113549.1.1.14': 'RSA-SHA224',
  '1.2.840.10045.4.1': 'ECDSA-SHA1',
  '1.2.840.10045.4.3.1': 'ECDSA-SHA224',
  '1.3.101.113': 'Ed448',
  '2.16.840.1.101.3.4.3.2': 'DSA-SHA256',
  '2.16.840.1.101.3.4.3.17': 'ML-DSA-44',
  '2.16.840.1.101.3.4.3.18': 'ML-DSA-65',
  '2.16.840.1.101.3.4.3.19': 'ML-DSA-87',
}

/**
 * The scheme, or the name of a scheme that cannot be verified. RSA signatures have NULL parameters (RFC 4055 §5), the
 * others have none (RFC 5758 §3.2, RFC 8410 §3). Go checks only the identifier.
 */
export function readScheme({ oid, parameters, at }: Algorithm): Scheme | string | Fault {
  const scheme = schemes[oid]
  if (scheme === undefined) return refused[oid] ?? oid
  if (parameters?.tag === (scheme.key === 'RSA' ? TAG.null : undefined)) return scheme
  return fault('AlgorithmMalformed', at, `${scheme.name} has the wrong parameters`)
}
