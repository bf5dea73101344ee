import { WAIT_MS } from '../../policies/checks/request-is-awaited.ts'
import { isDecided } from '../../policies/evaluate.ts'
import type { CsrObject, Fault, ParsedRequest } from '../../policies/types.ts'
import { heapBytes, objectAt } from '../json.ts'
import type { CsrReading, CompareIssued, IssuedCertificate, Json, JsonObject } from '../ports.ts'
import { grantedBy, keyClaim } from './claims.ts'
import { readCsrObject } from './csr-object.ts'
import { Fields } from './fields.ts'

export const CSRS_PATH = '/apis/certificates.k8s.io/v1/certificatesigningrequests'

/**
 * A stored CSR as the informer keeps it: some 300 bytes once it is approved. While it waits, 2 kB with its request, of a stock
 * kubelet, or 400 bytes as {@link outlineOf} leaves it.
 */
export interface StoredCsr {
  readonly name: string
  readonly uid: string
  readonly username: string
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  /** Null while it waits. Milliseconds since the epoch. */
  readonly approvedAt: number | null
  /** What it was approved with, as {@link grantedBy}; empty while it waits, and after it failed. */
  readonly claims: readonly string[]
  /** Null once it is decided. */
  readonly pending: PendingCsr | UnreadCsr | null
  /** Why the signer refused it after it was approved. */
  readonly failure: { readonly reason: string; readonly message: string } | null
  /** Whether this program approved it, this replica or another. */
  readonly byUs: boolean
  /** Null until the signer issued its certificate. */
  readonly issued: IssuedCertificate | null
}

/** A CSR that waits for a decision, with what the answer to it must send back. */
export interface PendingCsr extends CsrReading {
  readonly resourceVersion: string
  /** Conditions that others set, exactly as read: a merge patch replaces the whole list. */
  readonly conditions: readonly Json[]
  readonly whole: true
}

/** A CSR that waits, and that there is no room for: it is read again before it is judged. */
interface UnreadCsr {
  readonly resourceVersion: string
  readonly whole: false
}

/** Reads a request without verifying its signature: the API server did before it stored the request. */
export type ReadUnverified = (request: string) => ParsedRequest | Fault

/** Base64 of 96 KiB: past the 64 KiB at which a request is refused as too large, so cutting changes no verdict. */
const REQUEST_MAX = 131_072
/** A stock kubelet's request is 1 KB of base64, with an RSA-4096 key 2 KB. */
const KEPT_MAX = 16_384
/** A Node's name is no longer, and a kubelet's CSR is called csr-xxxxx; the API server takes a name of a megabyte. */
const NAME_MAX = 253

/** One for all that have none. */
const NO_CLAIMS: readonly string[] = Object.freeze([])

/** Reads a CertificateSigningRequest that waits for a decision. Undefined when it is none, or when it was decided. */
export function selectPending(object: JsonObject): PendingCsr | undefined {
  const fields = new Fields(object, 'csr')
  const { csr, request } = readCsrObject(fields)
  const resourceVersion = fields.object('metadata').text('resourceVersion')
  if (fields.problems.length > 0 || !isWaiting(csr)) return undefined
  return pendingFrom({ csr, request }, resourceVersion, object)
}

function pendingFrom({ csr, request }: CsrReading, resourceVersion: string, object: JsonObject): PendingCsr {
  const conditions = conditionsOf(object)
  return { csr, request: request.slice(0, REQUEST_MAX), resourceVersion, conditions, whole: true }
}

/**
 * Reduces a CertificateSigningRequest to what is kept. Undefined when it is no CSR, when it was denied and never approved
 * (nobody waits for it, it proves nothing, and a refused node leaves a hundred an hour behind), or when its name is absurd.
 */
export function keepCsr(
  read: ReadUnverified,
  compareIssued: CompareIssued,
): (object: JsonObject, before?: StoredCsr) => StoredCsr | undefined {
  return (object, before) => {
    const fields = new Fields(object, 'csr')
    const { csr, request } = readCsrObject(fields)
    const resourceVersion = fields.object('metadata').text('resourceVersion')
    if (fields.problems.length > 0 || csr.name.length > NAME_MAX) return undefined
    const { name, uid, createdAt, requester } = csr
    const identity = { name, uid, createdAt, username: requester.username }
    if (isWaiting(csr))
      return { ...identity, ...UNDECIDED, pending: pendingFrom({ csr, request }, resourceVersion, object) }
    if (!csr.conditions.includes('Approved')) return undefined
    const failure = failureOf(fields)
    const parsed = onlyOnce(() => read(request.slice(0, REQUEST_MAX)))
    return {
      ...identity,
      approvedAt: approvedAt(fields, csr),
      claims: failure === null ? claimsOfApproved(request, parsed, before) : NO_CLAIMS,
      pending: null,
      failure,
      byUs: isByUs(fields),
      issued:
        before?.issued ??
        issuedIn(fields, csr, (certificate) => compareIssued(certificate, { request: parsed() })),
    }
  }
}

const UNDECIDED = { approvedAt: null, claims: NO_CLAIMS, failure: null, byUs: false, issued: null } as const

function issuedIn<Issued>(
  fields: Fields,
  { issued }: CsrObject,
  compareIssued: (certificate: string) => Issued,
): Issued | null {
  return issued ? compareIssued(fields.object('status').optionalText('certificate')) : null
}

/** What claims and the issued certificate both need is read once, and not at all if neither does. */
function onlyOnce<T>(read: () => T): () => T {
  let result: { readonly value: T } | undefined
  return () => (result ??= { value: read() }).value
}

/** Heap that a CSR takes beyond its outline. */
export function bytesOf({ pending }: StoredCsr): number {
  return pending?.whole === true ? heapBytes(pending) : 0
}

/** What is kept of a CSR that there is no room for. */
export function outlineOf(stored: StoredCsr): StoredCsr {
  if (stored.pending === null) return stored
  return { ...stored, pending: { resourceVersion: stored.pending.resourceVersion, whole: false } }
}

/** The request never changes: once it was approved, its claims are known. Of one larger than any kubelet's only the key. */
function claimsOfApproved(
  request: string,
  read: () => ParsedRequest | Fault,
  before: StoredCsr | undefined,
): readonly string[] {
  if (before?.pending === null && before.failure === null) return before.claims
  const parsed = read()
  if (!parsed.readable) return NO_CLAIMS
  return request.length > KEPT_MAX ? [keyClaim(parsed)] : grantedBy(parsed)
}

/**
 * When a CSR was approved. The API server writes `lastUpdateTime` unless the approver does; no node can. An approver's
 * clock may be wrong, so the time counts only within what `creationTimestamp` allows, which nobody but the API server writes:
 * no kubelet waits longer than 15 minutes.
 */
function approvedAt(fields: Fields, { createdAt }: CsrObject): number {
  const written = Date.parse(conditionOf(fields, 'Approved')?.optionalText('lastUpdateTime') ?? '')
  const latest = createdAt + WAIT_MS
  return Number.isNaN(written) ? latest : Math.min(Math.max(written, createdAt), latest)
}

/** The start of the message of our Approved condition. Others may write it too; nothing is granted because of it. */
export const APPROVED_BY_US = 'Conforms: every check passes for node'

function isByUs(fields: Fields): boolean {
  return conditionOf(fields, 'Approved')?.optionalText('message').startsWith(APPROVED_BY_US) === true
}

function conditionsOf(object: JsonObject): readonly Json[] {
  const conditions = objectAt(object, 'status')['conditions']
  return Array.isArray(conditions) ? conditions : []
}

function failureOf(fields: Fields): StoredCsr['failure'] {
  const failed = conditionOf(fields, 'Failed')
  if (failed === undefined) return null
  return { reason: failed.optionalText('reason'), message: failed.optionalText('message') }
}

function conditionOf(fields: Fields, type: 'Approved' | 'Failed'): Fields | undefined {
  const conditions = fields.optionalObject('status')?.objects('conditions') ?? []
  return conditions.find((condition) => condition.optionalText('type') === type)
}

/** Whether a CSR is pending: no certificate, and no condition that decides it. */
function isWaiting(csr: CsrObject): boolean {
  return !csr.issued && !isDecided(csr)
}

/**
 * The number of pending CSRs that `counts` is true of, and the age of the oldest in seconds by the API server's clock
 * (0 if there is none).
 */
export function pendingOf(
  csrs: Iterable<StoredCsr>,
  now: number,
  counts: (stored: StoredCsr) => boolean,
): { readonly count: number; readonly oldestSeconds: number } {
  let count = 0
  let oldest = now
  for (const stored of csrs) {
    if (stored.pending === null || !counts(stored)) continue
    count += 1
    oldest = Math.min(oldest, stored.createdAt)
  }
  return { count, oldestSeconds: (now - oldest) / 1_000 }
}
