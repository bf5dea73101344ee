import { bothComponents, defineCheck } from '../check.ts'
import { findContest } from '../contested.ts'
import { dnsNames, foldCase } from '../request.ts'

export const namesAreUncontested = defineCheck({
  code: 'NameContested',
  stage: 'cluster',
  failure: 'notYet',
  components: bothComponents,
  requires:
    'No other Node reports a DNS name asked for or bears it as its own, unless it is the requester’s Node name or the requester’s Node was last approved with it.',
  because: 'A node writes its own status: what it reports may be another’s.',
  source: 'https://github.com/kubernetes/kubernetes/issues/50635',
  run: (facts) =>
    findContest(facts, { kind: 'dNSName', asked: dnsNames(facts.request).map(foldCase), show: String }),
})
