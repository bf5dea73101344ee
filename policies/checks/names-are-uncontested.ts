import { bothComponents, defineCheck } from '../check.ts'
import { findContest } from '../contested.ts'
import { dnsNames, foldCase } from '../request.ts'

export const namesAreUncontested = defineCheck({
  code: 'NameContested',
  stage: 'cluster',
  failure: 'notYet',
  components: bothComponents,
  requires:
    'No other Node reports the DNS name or is called by it, unless it is the name of the requester’s Node, or the requester’s Node was the last to be approved with it.',
  because: 'A node writes its own status, so it can report what belongs to another.',
  source: 'https://github.com/kubernetes/kubernetes/issues/50635',
  run: (facts) =>
    findContest(facts, { kind: 'dNSName', asked: dnsNames(facts.request).map(foldCase), show: String }),
})
