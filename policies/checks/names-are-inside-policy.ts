import { bothHalves, defineCheck, fail, pass } from '../check.ts'
import { dnsNames, foldCase } from '../request.ts'
import { listed } from '../text.ts'

export const namesAreInsidePolicy = defineCheck({
  code: 'NameOutsidePolicy',
  stage: 'request',
  failure: 'notYet',
  halves: bothHalves,
  requires: 'Every DNS name, in lower case, matches one of `names.patterns` as a whole, where any are given.',
  because: 'What a Node reports is its own word; a pattern is the operator’s.',
  source: 'the policy',
  run: ({ request }, { patterns }) => {
    if (patterns.length === 0) return pass
    const outside = dnsNames(request).filter(
      (name) => !patterns.some((pattern) => pattern.matches(foldCase(name))),
    )
    return outside.length === 0 ? pass : fail(`no pattern of the policy matches ${listed(outside)}`)
  },
})
