import { defineCheck } from '../check.ts'
import { settleOwnership } from '../ownership.ts'
import { dnsNames, foldCase } from '../request.ts'

export const namesAreUncontested = defineCheck({
  code: 'NameContested',
  stage: 'cluster',
  failure: 'notYet',
  requires:
    'No other Node reports or holds the DNS name, or is called so. Exceptions: the requester’s Node was the last to be granted it, or the Node is called so and the name has no dot or no other holder.',
  because: 'A node writes its own status, so it can report what belongs to another.',
  source: 'https://github.com/kubernetes/kubernetes/issues/50635',
  run: (facts, rules) =>
    settleOwnership(facts, rules, { kind: 'dNSName', values: dnsNames(facts.request).map(foldCase) }),
})
