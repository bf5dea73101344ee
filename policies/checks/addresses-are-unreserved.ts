import { formatAddress } from '../address.ts'
import { defineCheck } from '../check.ts'
import { addresses } from '../request.ts'
import { areUnreserved, reservedAddress } from '../reserved.ts'

export const addressesAreUnreserved = defineCheck({
  code: 'AddressReserved',
  stage: 'cluster',
  failure: 'notYet',
  requires:
    'No address belongs to the API server or a Service, is loopback, link-local, unspecified, multicast, broadcast or site-local, is in `reserved.addresses`, or is an IPv6 address that embeds such an IPv4 address. The API server’s own addresses are allowed on the control-plane Node that reports them.',
  because: 'With such an address, a node could impersonate the API server or a Service to every pod.',
  source: 'https://kubernetes.io/docs/reference/networking/virtual-ips/; RFC 6890; RFC 6052; RFC 3056',
  run: (facts, rules) =>
    areUnreserved(facts, {
      asked: addresses(facts.request),
      holderOf: (address) => reservedAddress(address, facts, rules),
      reported: (node) => node.addresses,
      show: formatAddress,
    }),
})
