import type { CsrObject } from '../../policies/types.ts'
import { readCsrObject } from '../facts/csr-object.ts'
import { Fields } from '../facts/fields.ts'
import type { JsonObject } from '../ports.ts'

/** The watched copy of a stored CSR: what is judged, and what the answer to it must send back. */
export interface StoredCsr {
  readonly csr: CsrObject
  /** `spec.request`, base64 of the PEM text, cut where nothing longer could be read anyway. */
  readonly request: string
  readonly resourceVersion: string
  /** The object exactly as read, fields unknown to us included; kept only while it waits for a decision. */
  readonly raw: JsonObject | null
  /** Why the signer refused it after it was approved. */
  readonly failure: { readonly reason: string; readonly message: string } | null
}

/** Base64 of 96 KiB: past the 64 KiB at which a request is refused as too large, so cutting changes no verdict. */
const REQUEST_MAX = 131_072
/** With 64 KiB of names and managed fields beside its request. Larger ones are read again before they are written. */
const RAW_MAX = REQUEST_MAX + 65_536

/** Conditions that end a CSR's wait; anyone may set others beside them. */
const DECIDED = new Set(['Approved', 'Denied', 'Failed'])

/**
 * Reduces a CertificateSigningRequest to a StoredCsr. Undefined when it is no CSR, or when it was denied and never
 * approved: nobody waits for it, it proves nothing, and a refused node leaves a hundred an hour behind.
 */
export function selectCsr(object: JsonObject): StoredCsr | undefined {
  const fields = new Fields(object, 'csr')
  const { csr, request } = readCsrObject(fields)
  const resourceVersion = fields.object('metadata').text('resourceVersion')
  if (fields.problems.length > 0) return undefined
  const decided = csr.conditions.some((type) => DECIDED.has(type))
  if (decided && !csr.conditions.includes('Approved')) return undefined
  return Object.freeze({
    csr,
    request: request.slice(0, REQUEST_MAX),
    resourceVersion,
    raw: decided || isLarge(object) ? null : object,
    failure: failureOf(fields),
  })
}

function isLarge(object: JsonObject): boolean {
  return JSON.stringify(object).length > RAW_MAX
}

function failureOf(fields: Fields): StoredCsr['failure'] {
  const conditions = fields.optionalObject('status')?.objects('conditions') ?? []
  const failed = conditions.find((condition) => condition.optionalText('type') === 'Failed')
  if (failed === undefined) return null
  return { reason: failed.optionalText('reason'), message: failed.optionalText('message') }
}
