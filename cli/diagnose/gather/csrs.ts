import { X509Certificate } from 'node:crypto'
import { nodeName } from '../../../policies/node-name.ts'
import { decodedOf, objectAt, textAt } from '../../../server/json.ts'
import type { JsonObject } from '../../../server/ports.ts'
import type { CsrFacts } from '../facts.ts'
import { itemsOf } from './read.ts'

/** A CSR of a node. Undefined for one of anybody else. */
export function csrOf(object: JsonObject): CsrFacts | undefined {
  const metadata = objectAt(object, 'metadata')
  const node = nodeName(textAt(objectAt(object, 'spec'), 'username'))
  if (node === undefined) return undefined
  const status = objectAt(object, 'status')
  const certificate = certificateIn(status)
  return {
    name: textAt(metadata, 'name'),
    node,
    createdAt: Date.parse(textAt(metadata, 'creationTimestamp')),
    certificate,
    ...decisionIn(status, certificate === null ? 'approved' : 'issued'),
  }
}

function decisionIn(
  status: JsonObject,
  whenApproved: 'approved' | 'issued',
): Pick<CsrFacts, 'state' | 'reason' | 'message'> {
  const conditions = itemsOf(status, 'conditions')
  for (const [type, state] of [
    ['Failed', 'failed'],
    ['Denied', 'denied'],
    ['Approved', whenApproved],
  ] as const) {
    const condition = conditions.find((one) => textAt(one, 'type') === type)
    if (condition === undefined) continue
    const reason = textAt(condition, 'reason')
    return { state, reason, message: textAt(condition, 'message') || reason }
  }
  return { state: 'pending', reason: '', message: '' }
}

/** A chain of certificates with large keys. */
const CERTIFICATE_MAX = 65_536

function certificateIn(status: JsonObject): X509Certificate | null {
  const pem = decodedOf(status, 'certificate', CERTIFICATE_MAX)
  try {
    return pem === '' ? null : new X509Certificate(pem)
  } catch {
    return null // The signer wrote no certificate that can be read.
  }
}
