import type { DecisionReason } from '../../policies/codes.ts'
import { nodeName } from '../../policies/node-name.ts'
import type { Decision } from '../../policies/types.ts'
import { APPROVED_BY_US, CSRS_PATH, type PendingCsr } from '../facts/stored-csr.ts'
import type { Api, ApiAnswer } from '../ports.ts'

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
    message: `${APPROVED_BY_US} ${node}, policy ${policyHash}`,
  }
}

/**
 * Writes one condition by a merge patch with the uid and resourceVersion that were read: a CSR that was deleted and
 * created anew under the same name (422), or that another decided (409), stays as it is. The API server does as much for
 * a patch as for a PUT, and nothing of the object has to be kept but its conditions.
 */
export async function writeCondition(
  api: Api,
  { csr, resourceVersion, conditions }: PendingCsr,
  condition: Condition,
  maySend: () => boolean,
): Promise<ApiAnswer> {
  return await api.call({
    maySend,
    answerAs: 'metadata',
    method: 'PATCH',
    contentType: 'application/merge-patch+json',
    path: `${pathOf(csr.name)}/approval?fieldManager=${FIELD_MANAGER}`,
    body: {
      metadata: { uid: csr.uid, resourceVersion },
      status: { conditions: [...conditions, { ...condition, status: 'True' }] },
    },
  })
}

export function pathOf(name: string): string {
  return `${CSRS_PATH}/${encodeURIComponent(name)}`
}
