import { formatAddress } from '../address.ts'
import { bothComponents, defineCheck, fail, pass, unknown } from '../check.ts'
import { addresses } from '../request.ts'
import { listed } from '../text.ts'

export const addressesAreOfNode = defineCheck({
  code: 'AddressNotOfNode',
  stage: 'cluster',
  failure: 'notYet',
  components: bothComponents,
  requires: 'The requester’s Node reports every address, compared as bytes.',
  because: 'Otherwise a node obtains a certificate for an address that is not its own.',
  source: 'https://kubernetes.io/docs/reference/access-authn-authz/kubelet-tls-bootstrapping/',
  run: ({ request, cluster: { node } }) => {
    const asked = addresses(request)
    if (asked.length === 0) return pass
    if (!node.known) return unknown(node.because)
    const reported = new Set(node.value?.addresses)
    const foreign = asked.filter((address) => !reported.has(address))
    return foreign.length === 0
      ? pass
      : fail(`the Node does not report ${listed(foreign.map(formatAddress))}`)
  },
})
