import type { Known } from '../../../policies/types.ts'
import { problemOf } from '../../cluster/refusal.ts'
import type { Session } from '../../cluster/session.ts'
import type { Facts } from '../facts.ts'

/** Two Nodes that no cluster has. */
const NODE = 'kubelet-csr-gate-doctor-1'
const OTHER_NODE = 'kubelet-csr-gate-doctor-2'

/** Asks, as one node, to create the Node of another. Nothing is stored: it is a dry run. */
export async function readNodeRestriction({ cluster, server }: Session): Promise<Facts['nodeRestriction']> {
  const answer = await cluster.call({
    method: 'POST',
    path: '/api/v1/nodes?dryRun=All',
    as: { user: `system:node:${NODE}`, groups: ['system:nodes'] },
    body: { apiVersion: 'v1', kind: 'Node', metadata: { name: OTHER_NODE } },
  })
  if (answer.ok) return { known: true, value: 'notEnforced' }
  if (answer.status === 403 && answer.message.includes(`node "${NODE}" is not allowed to`)) return enforced
  return {
    known: false,
    because: problemOf(answer, 'NodeRestriction, by a dry run as a node,', server).message,
  }
}

const enforced: Known<'enforced'> = { known: true, value: 'enforced' }
