import type { DecisionReason } from '../../policies/codes.ts'
import { nodeName } from '../../policies/node-name.ts'
import type { Decision } from '../../policies/types.ts'
import { CSRS_PATH } from '../facts/stored-csr.ts'
import { objectAt, textAt } from '../json.ts'
import type { Api, ApiAnswer, JsonObject } from '../ports.ts'

export interface Condition {
  readonly type: 'Approved' | 'Denied'
  readonly reason: DecisionReason
  readonly message: string
}

const FIELD_MANAGER = 'kubelet-csr-gate'

/** The Denied condition of a decision. */
export function denial({ reason, message }: Decision): Condition {
  return { type: 'Denied', reason, message }
}

/** The Approved condition. Its message names the node, the uid of its Node object and the policy, for audits. */
export function approval(username: string, nodeUid: string | undefined, policyHash: string): Condition {
  const node = `${nodeName(username) ?? username} (Node uid ${nodeUid ?? 'unknown'})`
  return {
    type: 'Approved',
    reason: 'Conforms',
    message: `Conforms: every check passes for node ${node}, policy ${policyHash}`,
  }
}

/**
 * Writes a condition. The object is sent exactly as it was read, since `/approval` stores the metadata that it gets.
 * Because of uid and resourceVersion, the write conflicts (409) if the CSR was recreated or decided in the meantime.
 * @param raw the object as read, with its metadata
 * @param maySend called right before the request is sent; false prevents it
 */
export async function writeCondition(
  api: Api,
  raw: JsonObject,
  condition: Condition,
  maySend: () => boolean,
): Promise<ApiAnswer> {
  const name = textAt(objectAt(raw, 'metadata'), 'name')
  return await api.call({
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
    // The items of a list lack these two fields.
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    ...raw,
    status: { ...status, conditions: [...conditions, { ...condition, status: 'True' }] },
  }
}
