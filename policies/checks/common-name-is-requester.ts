import { defineCheck, fail, pass } from '../check.ts'
import { commonNames } from '../request.ts'
import { listed, shown } from '../text.ts'

export const commonNameIsRequester = defineCheck({
  code: 'CommonNameNotRequester',
  stage: 'request',
  failure: 'violation',
  requires: 'The subject has exactly one common name: the requester.',
  because:
    'Otherwise a node obtains a certificate in the name of another. Of several common names, Go reads the last and other parsers the first.',
  source:
    'https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#kubernetes-signers',
  run: ({ request, csr }) => {
    const names = commonNames(request)
    if (names.length === 1 && names[0] === csr.requester.username) return pass
    return fail(
      `the common name is ${listed(names)}. There must be exactly one, the requester: ${shown(csr.requester.username)}`,
    )
  },
})
