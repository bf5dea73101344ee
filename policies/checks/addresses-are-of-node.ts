import { formatAddress } from '../address.ts'
import { defineCheck } from '../check.ts'
import { areReported } from '../reported.ts'
import { addresses } from '../request.ts'

export const addressesAreOfNode = defineCheck({
  code: 'AddressNotOfNode',
  stage: 'cluster',
  failure: 'notYet',
  requires: 'The requester’s Node reports every address, compared as bytes.',
  because: 'Otherwise a node obtains a certificate for an address that is not its own.',
  source: 'https://kubernetes.io/docs/reference/access-authn-authz/kubelet-tls-bootstrapping/',
  run: (facts) =>
    areReported(facts, {
      asked: addresses(facts.request),
      reported: (node) => node.addresses,
      show: formatAddress,
      kind: 'address',
      check: "Check the kubelet's --node-ip",
    }),
})
