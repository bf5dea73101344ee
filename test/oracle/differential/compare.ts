import { isDeepStrictEqual } from 'node:util'
import type { ParsedRequest } from '../../../policies/types.ts'
import { addresses, commonNames, dnsNames, organizations } from '../../../policies/request.ts'
import type { Answer, Contents } from '../oracle.ts'

/** What Go calls the signature algorithms that we verify. */
const algorithms: Readonly<Record<string, string>> = {
  'RSA-SHA256': 'SHA256-RSA',
  'RSA-SHA384': 'SHA384-RSA',
  'RSA-SHA512': 'SHA512-RSA',
  'ECDSA-SHA256': 'ECDSA-SHA256',
  'ECDSA-SHA384': 'ECDSA-SHA384',
  'ECDSA-SHA512': 'ECDSA-SHA512',
  Ed25519: 'Ed25519',
}

const SUBJECT_ALT_NAME = '2.5.29.17'
/** KeyUsage, ExtKeyUsage, BasicConstraints, AuthorityKeyIdentifier, SubjectAltName: what the signing policy makes. */
const ISSUED = ['2.5.29.15', '2.5.29.17', '2.5.29.19', '2.5.29.35', '2.5.29.37']

/**
 * What Kubernetes sees otherwise in a request that we accept: in creating it, in reading it, and in the certificate.
 * @returns null when nothing
 */
export function disagreement(
  request: ParsedRequest,
  { apiServer, signer, said, certificate }: Answer,
): string | null {
  if (apiServer !== '') return `the API server refuses: ${apiServer}`
  if (!said) return 'Go reads nothing'
  const read = differs(request, said) ?? differsAsRequest(request, said)
  if (read !== null) return read
  if (!isKubelets(request)) return null
  if (signer !== '' || !certificate) return `the signer refuses: ${signer}`
  const issued = differs(request, certificate) ?? differsAsIssued(certificate)
  return issued === null ? null : `in the certificate: ${issued}`
}

/** The identity that the checks admit for some requester: what ValidateKubeletServingCSR asks, and one common name only. */
function isKubelets(request: ParsedRequest): boolean {
  const names = commonNames(request)
  return (
    isDeepStrictEqual(organizations(request), ['system:nodes']) &&
    names.length === 1 &&
    names.every((name) => name.startsWith('system:node:'))
  )
}

/** Holds of a request as of its certificate. */
function differs(request: ParsedRequest, seen: Contents): string | null {
  const ours = request.subject.flat().map(({ oid, value }) => [oid, value])
  const pairs: [what: string, ours: unknown, theirs: unknown][] = [
    // Go writes a subject in an order of its own.
    ['subject', sorted(ours), sorted(seen.subject)],
    ['common name', commonNames(request).at(-1) ?? '', seen.commonName],
    ['organizations', organizations(request), seen.organizations ?? []],
    ['DNS names', dnsNames(request), seen.dnsNames ?? []],
    ['addresses', addresses(request), seen.addresses],
    ['emails and URIs', 0, seen.emails + seen.uris],
    ['public key', request.spkiSha256, seen.spki],
  ]
  const other = pairs.find(([, left, right]) => !isDeepStrictEqual(left, right))
  return other ? `${other[0]}: we read ${JSON.stringify(other[1])}, Go ${JSON.stringify(other[2])}` : null
}

const sorted = (pairs: readonly (readonly unknown[])[]): string[] =>
  pairs.map((pair) => JSON.stringify(pair)).toSorted()

function differsAsRequest({ subject, signature }: ParsedRequest, said: Contents): string | null {
  const order = subject.flat().map(({ oid, value }) => [oid, value])
  if (!isDeepStrictEqual(order, said.subject)) return 'the order of the subject'
  if (!isDeepStrictEqual(said.extensions, [SUBJECT_ALT_NAME]))
    return `extensions: Go reads ${said.extensions.join()}`
  return algorithms[signature.algorithm] === said.algorithm ? null : `signature: Go reads ${said.algorithm}`
}

function differsAsIssued({ extensions, isCA }: Contents): string | null {
  if (isCA) return 'it is an authority’s'
  return isDeepStrictEqual(extensions.toSorted(), ISSUED) ? null : `extensions: ${extensions.join()}`
}
