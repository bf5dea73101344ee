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
    'No other Node reports an address asked for, unless the requester’s Node was last approved with it.',
  because: 'A node writes its own status: what it reports may be another’s.',
  source: 'https://github.com/kubernetes/kubernetes/issues/50635',
  run: (facts) =>
    findContest(facts, { kind: 'iPAddress', asked: addresses(facts.request), show: formatAddress }),
})
