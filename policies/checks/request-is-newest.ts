import { defineCheck, fail, pass, unknown } from '../check.ts'
import { shown } from '../text.ts'

export const requestIsNewest = defineCheck({
  code: 'Superseded',
  awaited: false,
  stage: 'standing',
  failure: 'notYet',
  components: ['controller'],
  requires: 'No newer Pending CSR of the same user exists whose identity holds.',
  because:
    'A kubelet keeps only the key of its last request: an older one would be a certificate nobody can use.',
  source: 'client-go util/certificate/certificate_manager.go',
  run: ({ cluster: { newerPending } }) => {
    if (!newerPending.known) return unknown(newerPending.because)
    return newerPending.value === null
      ? pass
      : fail(`the same node has a newer CSR: ${shown(newerPending.value)}`)
  },
})
