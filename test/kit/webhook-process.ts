/** A webhook in a process of its own, with the heap of the image: prints nothing, tells its parent its port, then its peak. */
import { createWebhookServer } from '../../server/admission/server.ts'
import { decisionOf, deciding, partsFor } from '../../server/admission/good-review.fixture.ts'
import { issueAuthority, issueLeaf } from '../../server/tls/authority.ts'

const now = Date.now()
const authority = issueAuthority(now)
const leaf = issueLeaf(authority, ['127.0.0.1'], now)
const { parts } = partsFor(deciding(decisionOf('approve')))
const webhook = createWebhookServer({
  certificate: { key: leaf.key, cert: leaf.certificate },
  clientCa: null,
  callers: [],
  ...parts,
})
const { port } = await webhook.listen({ host: '127.0.0.1', port: 0 })
process.on('message', () => process.send?.({ peakMiB: process.resourceUsage().maxRSS / 1_024 }))
process.send?.({ port, ca: authority.certificate })
