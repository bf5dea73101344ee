import { defineCheck, fail, pass, unknown } from '../check.ts'
import { shown } from '../text.ts'

export const requestIsNewest = defineCheck({
  code: 'Superseded',
  awaited: false,
  stage: 'timeliness',
  failure: 'notYet',
  requires: 'The same user has no newer Pending CSR with a valid identity.',
  because: 'A kubelet keeps only the key of its latest CSR, so a certificate for an older one is of no use.',
  source: 'client-go util/certificate/certificate_manager.go',
  run: ({ cluster: { newerPending } }) => {
    if (!newerPending.known) return unknown(newerPending.because)
    return newerPending.value === null
      ? pass
      : fail(`the same node has a newer CSR: ${shown(newerPending.value)}`)
  },
})
