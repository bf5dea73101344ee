import { formatAddress, isAddress, isMapped } from '../address.ts'
import { defineCheck, fail, pass } from '../check.ts'
import { addressSans } from '../request.ts'

export const addressesAreWellFormed = defineCheck({
  code: 'AddressMalformed',
  stage: 'request',
  failure: 'violation',
  requires: 'Every address has 4 or 16 octets and is not an IPv4 address mapped into IPv6.',
  because: 'Go reads a mapped address as the IPv4 address, other parsers do not. A kubelet never sends one.',
  source: 'RFC 5280 §4.2.1.6; RFC 4291 §2.5.5.2; Go net/netip',
  run: ({ request }) => {
    for (const { value, at } of addressSans(request)) {
      if (!isAddress(value)) return fail(`an address has ${value.length / 2} octets`, { at })
      if (isMapped(value)) return fail(`the address ${formatAddress(value)} is IPv4 mapped into IPv6`, { at })
    }
    return pass
  },
})
