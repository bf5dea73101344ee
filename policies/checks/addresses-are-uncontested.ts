import { defineCheck } from '../check.ts'
import { settleOwnership } from '../ownership.ts'
import { addresses } from '../request.ts'

export const addressesAreUncontested = defineCheck({
  code: 'AddressContested',
  stage: 'cluster',
  failure: 'notYet',
  requires:
    'No other Node reports or holds the address, or was seen to answer there. Exceptions: the requester’s Node was the last to be granted it, or is seen to answer there.',
  because: 'A node writes its own status, so it can report what belongs to another.',
  source: 'https://github.com/kubernetes/kubernetes/issues/50635',
  run: (facts, rules) =>
    settleOwnership(facts, rules, { kind: 'iPAddress', values: addresses(facts.request) }),
})
