import { defineCheck, fail, pass } from '../check.ts'
import { OID } from '../request.ts'
import type { SubjectAttribute } from '../types.ts'

const KNOWN = new Set<string>([OID.commonName, OID.organization])
const STRINGS = new Set(['PrintableString', 'UTF8String'])

export const subjectIsPlain = defineCheck({
  code: 'SubjectHasExtras',
  stage: 'request',
  failure: 'violation',
  requires:
    'The subject has only a common name and an organization, each in its own relative distinguished name, as PrintableString or UTF8String.',
  because:
    'The signer copies the whole subject into the certificate, and parsers disagree on the rest of it.',
  source: 'RFC 5280 §4.1.2.6; kubernetes pkg/controller/certificates/authority/policies.go',
  run: ({ request }) => {
    for (const rdn of request.subject) {
      const [attribute, second] = rdn
      if (second !== undefined)
        return fail(`a relative distinguished name has ${rdn.length} attributes. It must have one`, {
          at: second.at,
        })
      if (attribute === undefined) return fail('a relative distinguished name is empty')
      const problem = problemOf(attribute)
      if (problem !== undefined) return fail(problem, { at: attribute.at })
    }
    return pass
  },
})

function problemOf(attribute: SubjectAttribute): string | undefined {
  if (!KNOWN.has(attribute.oid))
    return `the subject has the attribute ${attribute.oid}. Only a common name and an organization are allowed`
  return STRINGS.has(attribute.encoding)
    ? undefined
    : `the attribute ${attribute.oid} is a ${attribute.encoding}. It must be a PrintableString or a UTF8String`
}
