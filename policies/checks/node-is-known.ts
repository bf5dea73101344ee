import { defineCheck, fail, pass, unknown } from '../check.ts'
import type { Limits } from '../limits.ts'
import { shownNode } from '../node-name.ts'
import type { CsrObject, NodeFacts } from '../types.ts'

const UNINITIALIZED_TAINT = 'node.cloudprovider.kubernetes.io/uninitialized'

export const nodeIsKnown = defineCheck({
  code: 'NodeUnknown',
  stage: 'cluster',
  failure: 'notYet',
  requires:
    'The requester’s Node exists, is not being deleted, is initialized by the cloud provider, and is at most 5 s younger than the CSR.',
  because:
    'A removed node still has its key. A Node that was deleted and created again may be another machine.',
  source: 'https://kubernetes.io/docs/reference/access-authn-authz/kubelet-tls-bootstrapping/',
  run: ({ csr, cluster: { node } }, { limits }) => {
    if (!node.known) return unknown(node.because)
    const found = node.value
    const name = shownNode(csr.requester.username)
    const problem = problemOf(found, csr, limits)
    const publicDetail = `${name} cannot get a certificate now. Check that it is registered, initialized and not being deleted`
    return problem === undefined ? pass : fail(`${name} ${problem}`, { publicDetail })
  },
})

function problemOf(node: NodeFacts | null, { createdAt }: CsrObject, limits: Limits): string | undefined {
  if (node === null) return 'does not exist: it has not registered yet, or was deleted'
  if (node.deleting) return 'is being deleted'
  if (node.uninitialized)
    return `has the taint ${UNINITIALIZED_TAINT}: the cloud provider has not initialized it yet`
  const younger = node.createdAt - createdAt
  if (younger <= limits.youngerMs) return undefined
  return `is ${younger / 1_000} s younger than the CSR: it was created again. Its kubelet must ask again`
}
