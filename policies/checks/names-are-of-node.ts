import { bothComponents, defineCheck, fail, pass, unknown } from '../check.ts'
import { dnsNames, foldCase } from '../request.ts'
import { listed } from '../text.ts'

export const namesAreOfNode = defineCheck({
  code: 'NameNotOfNode',
  stage: 'cluster',
  failure: 'notYet',
  components: bothComponents,
  requires: 'The requester’s Node reports every DNS name, compared without regard to case.',
  because: 'Otherwise a node obtains a certificate for a name that is not its own.',
  source: 'https://kubernetes.io/docs/reference/access-authn-authz/kubelet-tls-bootstrapping/',
  run: ({ request, cluster: { node } }) => {
    const asked = dnsNames(request)
    if (asked.length === 0) return pass
    if (!node.known) return unknown(node.because)
    const reported = new Set(node.value?.names)
    const foreign = asked.filter((name) => !reported.has(foldCase(name)))
    return foreign.length === 0 ? pass : fail(`the Node does not report ${listed(foreign)}`)
  },
})
