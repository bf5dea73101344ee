import { createHash, X509Certificate } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { resultOf } from '../../suite/read-result.ts'
import { parseAddress } from '../../../policies/address.ts'
import { addresses, commonNames, dnsNames, organizations } from '../../../policies/request.ts'
import type { ParsedRequest } from '../../../policies/types.ts'
import { readRequest } from '../../../server/pkcs10/request.ts'
import type { Client } from '../../kit/client.ts'
import type { ControlPlane } from '../../control-plane/control-plane.ts'
import { createCsr, CSRS, metadataOf, standingOf } from '../../kit/kubelet/csr.ts'
import { until } from '../../kit/until.ts'
import { caseOf } from './cases.ts'

/** Requests under way at once. */
const AT_ONCE = 16
/** The controller manager signs within a second; a loaded machine is slow. */
const SIGNED_WITHIN_MS = 60_000
const POLL_MS = 50

interface Mutant {
  readonly seed: number
  readonly request: string
  readonly read: ParsedRequest
}

/**
 * Has mutants that we accept signed by a real control plane, and compares each certificate with what was judged.
 * @returns what differs, a line each
 */
export async function signMutants(
  plane: ControlPlane,
  { seed, count }: { seed: number; count: number },
): Promise<string[]> {
  const mutants = acceptedMutants(seed, count)
  const differences: string[] = []
  const worker = async (): Promise<void> => {
    for (let mutant = mutants.next(); !mutant.done; mutant = mutants.next()) {
      const difference = await sign(plane.admin, mutant.value).catch(String)
      if (difference !== null) differences.push(`seed ${mutant.value.seed}: ${difference}`)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  return differences
}

/** Mutated requests that the reader and the checks of shape and identity would let a node of that name have. */
function* acceptedMutants(seed: number, count: number): Generator<Mutant> {
  for (let made = 0, next = seed; made < count; next += 1) {
    const { origin, request } = caseOf(next)
    if (origin === 'honest') continue
    const read = readRequest(request)
    if (!read.readable || !resultOf(read).ok || !isANodes(read)) continue
    made += 1
    yield { seed: next, request, read }
  }
}

const isANodes = (read: ParsedRequest): boolean =>
  commonNames(read).length === 1 &&
  commonNames(read).every((name) => name.startsWith('system:node:')) &&
  isDeepStrictEqual(organizations(read), ['system:nodes'])

async function sign(admin: Client, { request, read }: Mutant): Promise<string | null> {
  const created = await createCsr(admin, { request })
  if (created.status !== 201) return `refused at creation: ${JSON.stringify(created.body['message'])}`
  const { name } = metadataOf(created.body)
  const path = `${CSRS}/${name}`
  const conditions = [
    { type: 'Approved', status: 'True', reason: 'Differential', message: 'to compare its certificate' },
  ]
  const approved = await admin.request('PUT', `${path}/approval`, { ...created.body, status: { conditions } })
  if (approved.status !== 200) return `not approved: ${JSON.stringify(approved.body['message'])}`
  const pem = await certificateOf(admin, path)
  await admin.request('DELETE', path)
  return pem.startsWith('-----') ? differs(read, new X509Certificate(pem)) : pem
}

/** PEM, or why there is none. */
async function certificateOf(admin: Client, path: string): Promise<string> {
  const look = async () => {
    const { certificate, failed, message } = standingOf((await admin.request('GET', path)).body)
    return failed ? `failed: ${message}` : certificate
  }
  return await until(look, 'it is signed', SIGNED_WITHIN_MS, POLL_MS).catch(String)
}

/** OpenSSL reads the certificate, which neither wrote it nor judged it. */
function differs(read: ParsedRequest, certificate: X509Certificate): string | null {
  const { subject } = certificate.toLegacyObject()
  const spki = certificate.publicKey.export({ format: 'der', type: 'spki' })
  const judged = {
    subject: { CN: commonNames(read)[0], O: 'system:nodes' },
    names: [...dnsNames(read), ...addresses(read)],
    key: read.spkiSha256,
    ca: false,
  }
  const issued = {
    subject: { ...subject },
    names: namesOf(certificate),
    key: createHash('sha256').update(spki).digest('hex'),
    ca: certificate.ca,
  }
  return isDeepStrictEqual(judged, issued)
    ? null
    : `judged ${JSON.stringify(judged)}, issued ${JSON.stringify(issued)}`
}

/** `DNS:a, IP Address:10.0.0.1`: Go writes names first, then addresses, as a kubelet does. */
const namesOf = ({ subjectAltName }: X509Certificate): string[] =>
  (subjectAltName ?? '').split(', ').map((name) => {
    const [kind, value = ''] = name.split(/:(.*)/su)
    if (kind === 'DNS') return value
    return (kind === 'IP Address' ? parseAddress(value) : undefined) ?? name
  })
