import { defineCheck, fail, pass } from '../check.ts'
import { listed } from '../text.ts'

const REQUIRED = ['digital signature', 'server auth']
/** Kubelets before 1.27 send it with every key, later ones with RSA. */
const OPTIONAL = 'key encipherment'

export const usagesAreServing = defineCheck({
  code: 'UsagesNotServing',
  field: 'spec.usages',
  stage: 'request',
  failure: 'violation',
  requires:
    'The usages are `digital signature` and `server auth`, with or without `key encipherment`, each once.',
  because: 'With `client auth` the certificate could authenticate a user. The signer fails any other set.',
  source: 'kubernetes pkg/apis/certificates/helpers.go, ValidateKubeletServingCSR',
  run: ({ csr: { usages } }) => {
    const asked = new Set(usages)
    asked.delete(OPTIONAL)
    const serving = asked.size === REQUIRED.length && REQUIRED.every((usage) => asked.has(usage))
    return serving && new Set(usages).size === usages.length
      ? pass
      : fail(
          `the usages are ${listed(usages)}. Allowed: "digital signature" and "server auth", with or without "key encipherment"`,
        )
  },
})
