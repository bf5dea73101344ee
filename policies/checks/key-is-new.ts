import { defineCheck, fail, pass, unknown } from '../check.ts'
import { shownNode } from '../node-name.ts'
import { shown } from '../text.ts'

export const keyIsNew = defineCheck({
  code: 'KeyAlreadyUsed',
  stage: 'cluster',
  failure: 'notYet',
  requires: 'No other stored CSR, of the same node or another, was approved with the same public key.',
  because:
    'A kubelet makes a new key for each CSR. Otherwise a request that is sent again and again yields any number of certificates, and two nodes with one key can act for each other.',
  source: 'client-go util/certificate/certificate_manager.go, generateCSR',
  run: ({ cluster: { sameKey } }) => {
    if (!sameKey.known) return unknown(sameKey.because)
    const used = sameKey.value
    return used === null
      ? pass
      : fail(
          `CSR ${shown(used.csr)} of ${shownNode(used.username)} was approved with the same public key. Each CSR needs a new key`,
          { publicDetail: 'another CSR was approved with the same public key. Each CSR needs a new key' },
        )
  },
})
