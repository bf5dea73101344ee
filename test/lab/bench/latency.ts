import { setTimeout as sleep } from 'node:timers/promises'
import { startControlPlane } from '../../control-plane/control-plane.ts'
import { startService } from '../../kit/service/service.ts'
import { registerWebhook } from '../../kit/service/webhook.ts'
import { Approvals } from './approvals.ts'
import { ask, createFleet, nameOf } from './fleet.ts'
import { shippedProgram } from './shipped.ts'
import { describe, spread } from './statistics.ts'

const SAMPLES = 200
const WARM_UP = 20
/** Between two CSRs: the plane is idle again. */
const PAUSE_MS = 100

/** One honest CSR on an idle control plane: from the create's start to Approved, seen by a watch. */
export async function benchLatency(print: (line: string) => void): Promise<void> {
  await using cluster = await startControlPlane()
  await using service = await startService(cluster, { proof: 'tell', ...(await shippedProgram()) })
  await registerWebhook(cluster.admin, { url: service.webhookUrl, caPem: cluster.caPem })
  const fleet = await createFleet(cluster, WARM_UP + SAMPLES)
  await using approvals = await Approvals.watch(cluster)
  const created: number[] = []
  const approved: number[] = []
  for (const [index, member] of fleet.entries()) {
    const started = performance.now()
    const { csr, ms } = await ask(member)
    const at = await approvals.of(nameOf(csr))
    if (index >= WARM_UP) {
      created.push(ms)
      approved.push(at - started)
    }
    await sleep(PAUSE_MS)
  }
  print(describe('create, through the webhook', spread(created)))
  print(describe('create to Approved', spread(approved)))
}
