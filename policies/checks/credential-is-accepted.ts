import { defineCheck, fail, pass } from '../check.ts'
import { credentialIds, fingerprintOf } from '../credential.ts'
import { listed } from '../text.ts'

export const credentialIsAccepted = defineCheck({
  code: 'CredentialRefused',
  field: 'spec.extra',
  stage: 'request',
  failure: 'notYet',
  requires:
    'The requester’s client certificate is not in `credential.refused`. With `credential.require`, the API server names exactly one client certificate as its credential-id.',
  because:
    'A stolen key can be used until its client certificate expires. A user who impersonates a node has no client certificate of that node.',
  source: 'https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation',
  run: ({ csr: { requester } }, { settings: { credential } }) => {
    const ids = credentialIds(requester)
    const fingerprints = ids.flatMap((id) => fingerprintOf(id) ?? [])
    const refused = fingerprints.find((fingerprint) => credential.refused.includes(fingerprint))
    if (refused !== undefined)
      return fail(`the client certificate ${refused} is in credential.refused of the policy`, {
        publicDetail: 'the policy refuses the client certificate of the requester',
      })
    if (!credential.require || (ids.length === 1 && fingerprints.length === 1)) return pass
    return fail(
      `the requester has the credential-id ${listed(ids)}. credential.require of the policy demands exactly one, X509SHA256= with 64 hex digits. Impersonated users, and all users before Kubernetes 1.32, have none`,
      { publicDetail: 'the policy requires that the requester authenticates by one client certificate' },
    )
  },
})
