import { formatAddress } from '../address.ts'
import { bothComponents, defineCheck } from '../check.ts'
import { addresses } from '../request.ts'
import { areUnreserved, reservedAddressByRule, reservedByCluster } from '../reserved.ts'

export const addressesAreUnreserved = defineCheck({
  code: 'AddressReserved',
  stage: 'cluster',
  failure: 'notYet',
  components: bothComponents,
  requires:
    'No address belongs to the API server or a Service, is loopback, link-local, unspecified, multicast or broadcast, or is in `reserved.addresses`. The API server’s own addresses are allowed on the control-plane Node that reports them.',
  because: 'With such an address, a node could impersonate the API server or a Service to every pod.',
  source: 'https://kubernetes.io/docs/reference/networking/virtual-ips/; RFC 6890',
  run: (facts, rules) =>
    areUnreserved(facts, {
      asked: addresses(facts.request),
      holderOf: (address) =>
        reservedAddressByRule(address, rules) ?? reservedByCluster('address', address, facts),
      reported: (node) => node.addresses,
      show: formatAddress,
    }),
})
