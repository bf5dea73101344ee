import { isNodeUser } from '../../../policies/node-name.ts'
import { defineCheck, type Outcome } from '../check.ts'
import type { Approver } from '../facts.ts'
import { found, ifKnown, orOk } from './outcomes.ts'

/** Groups that nodes, tokens of new nodes, pods or strangers are in. */
const WIDE = /^system:(?:nodes|authenticated|unauthenticated|bootstrappers(?::.*)?|serviceaccounts(?::.*)?)$/u
/** Whoever is in these may do anything already: kubernetes bootstrappolicy, kubeadm. */
const ADMINS = new Set(['system:masters', 'kubeadm:cluster-admins'])

type Code = 'WideGroupMayApprove' | 'NodeMayApprove' | 'HalfGranted' | 'MayApprove'

const DESCRIBE = {
  about: 'See what else it grants, and to whom',
  run: 'kubectl describe clusterrolebinding BINDING',
}
const DELETE = [DESCRIBE, { about: 'If nobody needs it', run: 'kubectl delete clusterrolebinding BINDING' }]

export const fewMayApprove = defineCheck<Code>({
  id: 'FewMayApprove',
  subject: 'Right to approve',
  asks: 'Who may approve kubelet-serving CSRs by RBAC: approve for the signer, and write certificatesigningrequests/approval.',
  kinds: {
    WideGroupMayApprove: {
      severity: 'critical',
      means:
        'Every node, pod or user in the group can approve its own CSR for any name, even that of the API server. No approver can prevent that.',
      fix: DELETE,
    },
    NodeMayApprove: {
      severity: 'critical',
      means: 'A node can approve CSRs for any name, including its own CSRs.',
      fix: DELETE,
    },
    HalfGranted: {
      severity: 'warning',
      means:
        'A wide group may approve for the signer, and lacks only the permission to write approvals. With one more binding, all its members can approve.',
      fix: DELETE,
    },
    MayApprove: {
      severity: 'info',
      means: 'Somebody who is not an administrator can approve. A CSR is approved if anybody approves it.',
      fix: [DESCRIBE],
    },
  },
  run: ({ approvers }) =>
    ifKnown(approvers, (known) => orOk(known.flatMap(outcomesOf), 'only administrators may approve')),
})

function outcomesOf(approver: Approver): Outcome<Code>[] {
  const { kind, name, binding, mayWrite } = approver
  if (ADMINS.has(name) && kind === 'Group') return []
  const code = idOf(approver)
  if (code === null) return []
  const lacking = mayWrite ? '' : ', but may not write certificatesigningrequests/approval'
  const evidence = `the ClusterRoleBinding ${binding} gives it approve for kubernetes.io/kubelet-serving${lacking}`
  return [found(code, evidence, { subject: `${kind} ${name}`, names: { BINDING: binding } })]
}

function idOf({ kind, name, mayWrite }: Approver): Code | null {
  const isWide = (kind === 'Group' && WIDE.test(name)) || (kind === 'User' && name === 'system:anonymous')
  if (isWide) return mayWrite ? 'WideGroupMayApprove' : 'HalfGranted'
  if (!mayWrite) return null
  return kind === 'User' && isNodeUser(name) ? 'NodeMayApprove' : 'MayApprove'
}
