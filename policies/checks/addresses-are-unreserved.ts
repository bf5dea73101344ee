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
    'No address is the API server’s, a Service’s, loopback, link-local, unspecified, multicast, broadcast, or in `reserved.addresses`; the API server’s own are allowed on the control-plane Node that reports them.',
  because:
    'With a Service address or the API endpoint in its certificate a node impersonates it to every pod.',
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
