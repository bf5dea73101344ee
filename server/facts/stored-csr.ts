import { isDecided } from '../../policies/evaluate.ts'
import type { CsrObject } from '../../policies/types.ts'
import { readCsrObject } from './csr-object.ts'
import { Fields } from './fields.ts'
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
/** A stock kubelet's CSR is 3 KB as JSON. */
const KEPT_MAX = 32_768

/** A Node's name is no longer, and a kubelet's CSR is called csr-xxxxx; the API server takes a name of a megabyte. */
const NAME_MAX = 253

/**
 * Reduces a CertificateSigningRequest to a StoredCsr. Undefined when it is no CSR, or when it was denied and never
 * approved: nobody waits for it, it proves nothing, and a refused node leaves a hundred an hour behind.
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
 * The same for keeping. Of a CSR far larger than any kubelet's only the outline is kept: it is read again before it is
 * judged, and once approved it is no evidence of who was approved with what. One with such a name is left alone.
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
