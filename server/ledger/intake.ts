import type { Limits } from '../../policies/limits.ts'
import { nodeName } from '../../policies/node-name.ts'
import type { NodeFacts } from '../../policies/types.ts'
import { claimsOfNode } from '../facts/claims.ts'
import type { NodeGrants } from '../facts/grants.ts'
import { isOfNode } from '../facts/holdings.ts'
import type { StoredCsr } from '../facts/stored-csr.ts'
import type { Clock, Store } from '../ports.ts'
import { approvalOf, expiring } from './approval.ts'
import type { Ledger } from './ledger.ts'
import { addApproval, noteReported, withoutFailed } from './record.ts'

/** Where what Nodes report and what became of stored CSRs is taken into the ledger. */
export interface Intake {
  readonly ledger: Ledger
  readonly nodes: Store<NodeFacts>
  readonly clock: Clock
  readonly limits: Limits
}

/** The grants of a Node, with what the Node reports now. */
export function noted(grants: NodeGrants, { nodes, clock }: Pick<Intake, 'nodes' | 'clock'>): NodeGrants {
  const node = nodes.get(grants.node)
  const reported = claimsOfNode(node)
  const exists = node?.uid === grants.uid
  return noteReported(grants, { exists, reports: (claim) => reported.has(claim) }, clock.serverNow())
}

/** Takes in an approved CSR: an approval by somebody else, one from before the ledger, or what became of one that is known. */
export function takeIn(csr: StoredCsr, { ledger, nodes, limits }: Intake): void {
  const node = nodes.get(nodeName(csr.username) ?? '')
  if (node === undefined || csr.approvedAt === null || !isOfNode(csr, node, limits)) return
  const known = ledger.of(node.uid)
  const approval = isNews(csr, known) ? approvalOf(csr, csr.approvedAt, ledger) : undefined
  if (approval !== undefined)
    ledger.put(addApproval(known, { ...approval, node: node.name, uid: node.uid }, limits))
  else if (known !== undefined) follow(known, csr, ledger)
}

/** Whether a CSR was approved after all that the ledger knows of the Node. */
function isNews({ name, failure, approvedAt }: StoredCsr, known: NodeGrants | undefined): boolean {
  if (known === undefined) return failure === null
  return failure === null && known.last.csr !== name && known.last.approvedAt < (approvedAt ?? 0)
}

/** What became of a CSR that is in the ledger. */
function follow(known: NodeGrants, csr: StoredCsr, ledger: Ledger): void {
  if (csr.failure === null) {
    if (known.last.csr === csr.name) ledger.put(expiring(known, csr))
    return
  }
  const left = withoutFailed(known, csr.name)
  if (left === undefined) ledger.remove(known)
  else ledger.put(left)
}
