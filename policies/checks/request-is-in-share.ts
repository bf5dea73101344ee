import { defineCheck, failFor, pass, unknown } from '../check.ts'
import { shownNode } from '../node-name.ts'
import { freeAt, SHARE_MS } from '../share.ts'
import { utc } from '../text.ts'

export const requestIsInShare = defineCheck({
  code: 'TooManyRequests',
  stage: 'timeliness',
  failure: 'notYet',
  requires: 'Each node is rate-limited: a burst of 5 approvals, then 1 per minute.',
  because:
    'The signer issues some twenty certificates a second for the whole cluster. One node must not use up this rate, or collect certificates.',
  source: 'kubernetes pkg/controller/certificates/certificate_controller.go',
  run: ({ csr, now, cluster: { approvals } }) => {
    if (!approvals.known) return unknown(approvals.because)
    const waitMs = freeAt(approvals.value, now) - now
    if (waitMs <= 0) return pass
    const recent = approvals.value.filter((at) => now - at < SHARE_MS).length
    return failFor(
      waitMs,
      `${recent} CSRs of ${shownNode(csr.requester.username)} were approved in the last ${SHARE_MS / 60_000} minutes. The next can be at ${utc(now + waitMs)}`,
      `this node has reached its limit of approvals. The next can be at ${utc(now + waitMs)}`,
    )
  },
})
