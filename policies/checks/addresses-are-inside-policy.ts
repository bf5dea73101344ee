import { contains, formatAddress, formatPrefix } from '../address.ts'
import { defineCheck, fail, pass } from '../check.ts'
import { addresses } from '../request.ts'
import { listed } from '../text.ts'

export const addressesAreInsidePolicy = defineCheck({
  code: 'AddressOutsidePolicy',
  stage: 'request',
  failure: 'notYet',
  requires: 'Every address is inside one of `addresses.prefixes`, if there are any.',
  because: 'A node writes its own status. Only the operator writes the prefixes.',
  source: 'the policy',
  run: ({ request }, { prefixes }) => {
    if (prefixes.length === 0) return pass
    const outside = addresses(request).filter(
      (address) => !prefixes.some((prefix) => contains(prefix, address)),
    )
    if (outside.length === 0) return pass
    const publicDetail = `${listed(outside.map(formatAddress))} ${outside.length > 1 ? 'are' : 'is'} outside addresses.prefixes of the policy`
    return fail(`${publicDetail}: ${listed(prefixes.map(formatPrefix))}`, { publicDetail })
  },
})
