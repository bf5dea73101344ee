/** What a cluster without any judgement signs: the line from which every approver is measured. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { JsonObject } from '../../../server/ports.ts'
import { approveUnjudged, CSRS, listOf, standingOf } from '../../kit/kubelet/csr.ts'
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
    const undecided = (await listOf(cluster, CSRS)).filter(isUndecided)
    // A CSR that changed meanwhile is met again.
    await Promise.all(undecided.map(async (csr) => await approveUnjudged(cluster, csr)))
    await sleep(POLL_MS)
  }
}

function isUndecided(csr: JsonObject): boolean {
  const { approved, denied } = standingOf(csr)
  return !approved && !denied
}
