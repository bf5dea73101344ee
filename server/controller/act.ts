import type { DecisionReason } from '../../policies/codes.ts'
import { nodeName } from '../../policies/node-name.ts'
import type { Decision } from '../../policies/types.ts'
import { objectAt, textAt } from '../json.ts'
import type { Api, ApiAnswer, JsonObject } from '../ports.ts'

export interface Condition {
  readonly type: 'Approved' | 'Denied'
  readonly reason: DecisionReason
  readonly message: string
}

export const CSRS_PATH = '/apis/certificates.k8s.io/v1/certificatesigningrequests'
const FIELD_MANAGER = 'kubelet-csr-gate'

export function denial({ reason, message }: Decision): Condition {
  return { type: 'Denied', reason, message }
}

/** Who was found to conform, in which incarnation, and by which policy: what an audit asks for later. */
export function approval(username: string, nodeUid: string | undefined, policyHash: string): Condition {
  const node = `${nodeName(username) ?? username} (Node uid ${nodeUid ?? 'unknown'})`
  return {
    type: 'Approved',
    reason: 'Conforms',
    message: `Conforms: every check passes for node ${node}, policy ${policyHash}`,
  }
}

/**
 * Writes one condition. The object goes back exactly as it was read, since `/approval` takes metadata as sent, and with
 * its uid and resourceVersion: a CSR that was deleted and made anew under the same name, or decided by another, is
 * a conflict (409) and nothing is written.
 */
export async function writeCondition(
  api: Api,
  raw: JsonObject,
  condition: Condition,
  maySend: () => boolean,
): Promise<ApiAnswer> {
  const name = textAt(objectAt(raw, 'metadata'), 'name')
  return await api.request({
    maySend,
    answerAs: 'metadata',
    method: 'PUT',
    path: `${pathOf(name)}/approval?fieldManager=${FIELD_MANAGER}`,
    body: withCondition(raw, condition),
  })
}

export function pathOf(name: string): string {
  return `${CSRS_PATH}/${encodeURIComponent(name)}`
}

function withCondition(raw: JsonObject, condition: Condition): JsonObject {
  const status = objectAt(raw, 'status')
  const before: unknown = status['conditions']
  const conditions = Array.isArray(before) ? before : []
  return {
    // Objects of a list come without these two.
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    ...raw,
    status: { ...status, conditions: [...conditions, { ...condition, status: 'True' }] },
  }
}
