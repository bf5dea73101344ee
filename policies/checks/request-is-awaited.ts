import { defineCheck, fail, pass } from '../check.ts'

/** client-go certificateWaitTimeout: 15 min, after which the kubelet forgets the key. */
export const WAIT_MS = 15 * 60 * 1_000

export const requestIsAwaited = defineCheck({
  code: 'Expired',
  awaited: false,
  stage: 'timeliness',
  failure: 'notYet',
  requires: 'The CSR is younger than 15 minutes by the API server’s clock.',
  because: 'After 15 minutes a kubelet gives up on a CSR and asks again with another key.',
  source: 'client-go util/certificate/certificate_manager.go, certificateWaitTimeout',
  run: ({ csr, now }) =>
    now - csr.createdAt < WAIT_MS
      ? pass
      : fail(
          `created ${Math.round((now - csr.createdAt) / 60_000)} minutes ago. A kubelet waits 15 minutes, then asks again`,
        ),
})
