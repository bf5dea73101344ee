import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Cluster } from '../kit/cluster.ts'
import { CSRS } from '../kit/kubelet/csr.ts'
import { standing, TestNode, untilAll } from '../kit/kubelet/test-node.ts'
import { isDecision, openProxy, type Proxy } from './proxy.ts'
import { startService } from '../kit/service/service.ts'
import { startCluster } from '../kit/start-cluster.ts'

/** What a CSR's creator may choose: its name. */
const NAME = 'csr-of-my-choice'

/** Patience short enough for a test to wait for its end. */
const POLICY = 'patienceSeconds: 5'

let cluster: Cluster
let proxy: Proxy
let honest: TestNode
let evil: TestNode
const stack = new AsyncDisposableStack()

before(async () => {
  cluster = stack.use(await startCluster())
  proxy = stack.use(await openProxy(cluster))
  stack.use(
    await startService(cluster, { webhook: false, server: proxy.url, policy: POLICY, drainSeconds: 0 }),
  )
  honest = new TestNode(cluster, 'honest', '10.0.3.1')
  evil = new TestNode(cluster, 'evil', '10.0.3.2')
  await Promise.all([honest.join(), evil.join()])
})
after(async () => await stack.disposeAsync())

/** Replaces the honest CSR by one for the API server's name, while the approval of the first is under way. */
async function swapDuringApproval(rewrite: (body: string) => string): Promise<void> {
  let swapped = false
  proxy.before = async (passing, body) => {
    if (!isDecision(passing) || swapped) return undefined
    swapped = true
    await cluster.adminRequest('DELETE', `${CSRS}/${NAME}`)
    await evil.ask({ csr: NAME, dnsNames: ['kubernetes.default.svc'] })
    return rewrite(body)
  }
  await honest.ask({ csr: NAME })
}

test('a CSR recreated under the same name while the first is being approved is not approved', async () => {
  await swapDuringApproval((body) => body)
  await untilAll(cluster, [NAME], ({ denied }) => denied, 60_000)
  assert.equal((await standing(cluster, NAME)).approved, false)
  await cluster.adminRequest('DELETE', `${CSRS}/${NAME}`)
})

test('without the two preconditions the same write would approve it', async () => {
  await swapDuringApproval((body) => body.replaceAll(/"(?:uid|resourceVersion)":"[^"]*",?/gu, ''))
  await untilAll(cluster, [NAME], ({ approved }) => approved, 10_000)
})
