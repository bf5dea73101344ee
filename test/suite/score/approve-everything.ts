/** What a cluster without any judgement signs: the line from which every approver is measured. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { JsonObject } from '../../../server/ports.ts'
import { isObject } from '../../kit/client.ts'
import { CSRS, metadataOf, standingOf } from '../../kit/kubelet/csr.ts'
import type { SuiteCluster } from '../cluster.ts'
import type { Approver } from './approver.ts'

const POLL_MS = 200

export const approveEverything: Approver = {
  name: 'no judgement',
  told: 'every CSR is approved',
  version: '',
  start: async (cluster) => {
    const stopping = new AbortController()
    const working = work(cluster, stopping.signal)
    return {
      [Symbol.asyncDispose]: async () => {
        stopping.abort()
        await working
      },
    }
  },
}

async function work(cluster: SuiteCluster, stopping: AbortSignal): Promise<void> {
  while (!stopping.aborted) {
    const { body } = await cluster.adminRequest('GET', CSRS)
    const items = Array.isArray(body['items']) ? body['items'].filter(isObject) : []
    await Promise.all(items.filter(isUndecided).map(async (csr) => await approve(cluster, csr)))
    await sleep(POLL_MS)
  }
}

function isUndecided(csr: JsonObject): boolean {
  const { approved, denied } = standingOf(csr)
  return !approved && !denied
}

/** A CSR that changed meanwhile is met again. */
async function approve(cluster: SuiteCluster, csr: JsonObject): Promise<void> {
  const { name, uid, resourceVersion } = metadataOf(csr)
  const condition = { type: 'Approved', status: 'True', reason: 'Suite', message: 'every CSR is approved' }
  await cluster.adminRequest('PATCH', `${CSRS}/${name}/approval`, {
    metadata: { uid, resourceVersion },
    status: { conditions: [condition] },
  })
}
