import { defineCheck, fail, pass } from '../check.ts'

export const lifetimeIsAllowed = defineCheck({
  code: 'LifetimeNotAllowed',
  field: 'spec.expirationSeconds',
  stage: 'request',
  failure: 'notYet',
  requires: '`spec.expirationSeconds` is absent, or at most `maxExpirationSeconds`.',
  because: 'A stock kubelet asks for no lifetime and gets the signer’s `--cluster-signing-duration`.',
  source: 'kubernetes pkg/kubelet/certificate/kubelet.go',
  run: ({ csr: { expirationSeconds } }, { settings: { maxExpirationSeconds } }) => {
    if (expirationSeconds === null || maxExpirationSeconds === null) return pass
    if (expirationSeconds <= maxExpirationSeconds) return pass
    return fail(
      `expirationSeconds is ${expirationSeconds}. maxExpirationSeconds of the policy: ${maxExpirationSeconds}`,
      {
        publicDetail: `expirationSeconds is ${expirationSeconds}, more than maxExpirationSeconds of the policy`,
      },
    )
  },
})
