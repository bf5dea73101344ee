import { defineCheck, fail, pass } from '../check.ts'
import { nodeName } from '../node-name.ts'
import { dnsNames, foldCase } from '../request.ts'
import { listed, quoted, shown } from '../text.ts'

export const namesAreInsidePolicy = defineCheck({
  code: 'NameOutsidePolicy',
  stage: 'request',
  failure: 'notYet',
  requires:
    'Every DNS name matches one of `names.patterns`, as a whole and without regard to case, if there are any.',
  because: 'A node writes its own status. Only the operator writes the patterns.',
  source: 'the policy',
  run: ({ request, csr }, { patterns }) => {
    if (patterns.length === 0) return pass
    const node = nodeName(csr.requester.username)
    // The first is enough: a match costs up to 8 ms, and a request has room for hundreds of names.
    const outside = dnsNames(request).find(
      (name) => !patterns.some((pattern) => pattern.matches(foldCase(name), node)),
    )
    if (outside === undefined) return pass
    const publicDetail = `${shown(outside)} matches none of names.patterns of the policy`
    const sources = patterns.map(({ source }) => source)
    return fail(`${publicDetail}: ${listed(sources, quoted)}`, { publicDetail })
  },
})
