import { isDecided } from '../../policies/evaluate.ts'
import type { CsrObject } from '../../policies/types.ts'
import { readCsrObject } from './csr-object.ts'
import { Fields } from './fields.ts'
import type { CsrReading, JsonObject } from '../ports.ts'

export const CSRS_PATH = '/apis/certificates.k8s.io/v1/certificatesigningrequests'

/** A stored CSR as the informer keeps it: the judged fields, and what is needed to write a condition. */
export interface StoredCsr extends CsrReading {
  readonly resourceVersion: string
  /** The object exactly as read, unknown fields included. Null once the CSR is decided. */
  readonly raw: JsonObject | null
  /** The signer's `Failed` condition after an approval, or null. */
  readonly failure: { readonly reason: string; readonly message: string } | null
}

/** Base64 of 96 KiB. Requests above 64 KiB are refused as too large, so truncating changes no verdict. */
const REQUEST_MAX = 131_072
/** Largest CSR, as JSON, that is kept whole. A stock kubelet's CSR has 3 KB. */
const KEPT_MAX = 32_768

/** Longest name of a CSR that is kept. A kubelet's CSR is named csr-xxxxx. The API server accepts a megabyte. */
const NAME_MAX = 253

/**
 * Reduces a CertificateSigningRequest to a StoredCsr. Undefined if it is not a valid CSR, or if it was denied or failed
 * without an approval: such a CSR is no evidence, and a refused node creates a hundred an hour.
 */
export function selectCsr(object: JsonObject): StoredCsr | undefined {
  const fields = new Fields(object, 'csr')
  const { csr, request } = readCsrObject(fields)
  const resourceVersion = fields.object('metadata').text('resourceVersion')
  if (fields.problems.length > 0) return undefined
  const decided = isDecided(csr)
  if (decided && !csr.conditions.includes('Approved')) return undefined
  return Object.freeze({
    csr,
    request: request.slice(0, REQUEST_MAX),
    resourceVersion,
    raw: decided ? null : object,
    failure: failureOf(fields),
  })
}

/**
 * Like {@link selectCsr}, for the informer's store. A CSR that is much larger than any kubelet's is kept without its
 * request and object: it is read again before it is judged, and it is no evidence once approved. A CSR with a name that
 * is too long is not kept, so the controller never judges it.
 */
export function keepCsr(object: JsonObject): StoredCsr | undefined {
  const selected = selectCsr(object)
  if (selected === undefined || selected.csr.name.length > NAME_MAX) return undefined
  if (JSON.stringify(object).length <= KEPT_MAX) return selected
  return Object.freeze({ ...selected, request: '', raw: null })
}

function failureOf(fields: Fields): StoredCsr['failure'] {
  const conditions = fields.optionalObject('status')?.objects('conditions') ?? []
  const failed = conditions.find((condition) => condition.optionalText('type') === 'Failed')
  if (failed === undefined) return null
  return { reason: failed.optionalText('reason'), message: failed.optionalText('message') }
}

/** Whether a CSR is pending: no certificate, and no condition that decides it. */
export function isWaiting(csr: CsrObject): boolean {
  return !csr.issued && !isDecided(csr)
}

/** The number of pending CSRs, and the age of the oldest in seconds by the API server's clock (0 if there is none). */
export function pendingOf(
  csrs: Iterable<CsrReading>,
  now: number,
): { readonly count: number; readonly oldestSeconds: number } {
  let count = 0
  let oldest = now
  for (const { csr } of csrs) {
    if (!isWaiting(csr)) continue
    count += 1
    oldest = Math.min(oldest, csr.createdAt)
  }
  return { count, oldestSeconds: (now - oldest) / 1_000 }
}
