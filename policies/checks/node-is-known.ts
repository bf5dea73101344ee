import { bothComponents, defineCheck, fail, pass, unknown } from '../check.ts'
import { nodeName } from '../node-name.ts'
import { quoted } from '../text.ts'

/** A kubelet asks a second after its Node appears; timestamps have whole seconds and clocks differ a little. */
export const YOUNGER_MS = 5_000

export const nodeIsKnown = defineCheck({
  code: 'NodeUnknown',
  stage: 'cluster',
  failure: 'notYet',
  components: bothComponents,
  requires:
    'The requester’s Node exists, is not being deleted, is not younger than the CSR by more than 5 s, and the cloud provider has initialized it.',
  because: 'A removed node keeps its key; a Node re-created under its name is not the one that asked.',
  source: 'https://kubernetes.io/docs/reference/access-authn-authz/kubelet-tls-bootstrapping/',
  run: ({ csr, cluster: { node } }) => {
    if (!node.known) return unknown(node.because)
    const found = node.value
    const name = quoted(nodeName(csr.requester.username) ?? csr.requester.username)
    if (found === null) return fail(`there is no Node ${name}`)
    if (found.deleting) return fail(`the Node ${name} is being deleted`)
    if (found.uninitialized) return fail(`the cloud provider has not yet initialized the Node ${name}`)
    const younger = found.createdAt - csr.createdAt
    return younger > YOUNGER_MS ? fail(`the Node ${name} is ${younger / 1_000} s younger than the CSR`) : pass
  },
})
