import { formatAddress } from '../address.ts'
import { bothComponents, defineCheck } from '../check.ts'
import { findContest } from '../contested.ts'
import { addresses } from '../request.ts'

export const addressesAreUncontested = defineCheck({
  code: 'AddressContested',
  stage: 'cluster',
  failure: 'notYet',
  components: bothComponents,
  requires:
    'No other Node reports the address, unless the requester’s Node was the last to be approved with it.',
  because: 'A node writes its own status, so it can report what belongs to another.',
  source: 'https://github.com/kubernetes/kubernetes/issues/50635',
  run: (facts) =>
    findContest(facts, { kind: 'iPAddress', asked: addresses(facts.request), show: formatAddress }),
})
