import { defineCheck } from '../check.ts'
import { areVouchedFor, namesToVouchFor } from '../vouched.ts'

export const namesAreVouchedFor = defineCheck({
  code: 'NameNotVouched',
  stage: 'truth',
  failure: 'notYet',
  requires:
    'Where the policy has `sources`, one of them vouches for every DNS name, except the Node’s own name if it has no dot.',
  because: 'A node writes its own status, so it can report a name that nobody has claimed yet.',
  source: 'the policy',
  run: (facts, { settings: { sources } }) =>
    areVouchedFor(facts, sources, { kind: 'names', values: namesToVouchFor(facts) }),
})
