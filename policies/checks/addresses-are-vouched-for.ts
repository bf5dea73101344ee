import { formatAddress } from '../address.ts'
import { defineCheck } from '../check.ts'
import { addresses } from '../request.ts'
import { areVouchedFor } from '../vouched.ts'

export const addressesAreVouchedFor = defineCheck({
  code: 'AddressNotVouched',
  stage: 'truth',
  failure: 'notYet',
  requires: 'Where the policy has `sources`, one of them vouches for every address.',
  because: 'A node writes its own status, so it can report an address before the machine that has it does.',
  source: 'the policy',
  run: (facts, { settings: { sources } }) =>
    areVouchedFor(facts, sources, {
      kind: 'addresses',
      values: addresses(facts.request),
      show: formatAddress,
    }),
})
