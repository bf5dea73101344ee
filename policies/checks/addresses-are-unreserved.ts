import { bothHalves, defineCheck, fail, pass, unknown } from '../check.ts'
import { addresses } from '../request.ts'
import {
  describeAddress,
  isOwnOnControlPlane,
  knownNode,
  reservedAddressByRule,
  reservedByCluster,
} from '../reserved.ts'

export const addressesAreUnreserved = defineCheck({
  code: 'AddressReserved',
  stage: 'cluster',
  failure: 'notYet',
  halves: bothHalves,
  requires:
    'No address is the API server’s, a Service’s, loopback, link-local, unspecified, multicast, broadcast, or in `reserved.addresses`; the API server’s own are allowed on the control-plane Node that reports them.',
  because:
    'With a Service address or the API endpoint in its certificate a node impersonates it to every pod.',
  source: 'https://kubernetes.io/docs/reference/networking/virtual-ips/; RFC 6890',
  run: (facts, rules) => {
    const { reserved } = facts.cluster
    const node = knownNode(facts)
    const asked = addresses(facts.request)
    for (const address of asked) {
      const holder =
        reservedAddressByRule(address, rules) ??
        (reserved.known ? reservedByCluster('address', address, reserved.value) : undefined)
      const own = isOwnOnControlPlane(holder, node, node?.addresses.includes(address) === true)
      if (holder !== undefined && !own) return fail(describeAddress(address, holder))
    }
    return reserved.known || asked.length === 0 ? pass : unknown(reserved.because)
  },
})
