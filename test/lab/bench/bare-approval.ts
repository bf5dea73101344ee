import type { ControlPlane } from '../../control-plane/control-plane.ts'
import { approveUnjudged, metadataOf, standingOf, textOf } from '../../kit/kubelet/csr.ts'
import type { JsonObject } from '../../../server/ports.ts'
import type { Approver } from './approvers.ts'
import { watchCsrs } from './csr-watch.ts'

/** In flight at once. More make the API server of this machine no faster. */
const PATCHES = 32

/** Approves with nothing judged, or rejects. */
export async function approve(cluster: ControlPlane, csr: JsonObject): Promise<void> {
  const { status, body } = await approveUnjudged(cluster, csr)
  if (status !== 200) throw new Error(`a bare approval was answered ${status} ${textOf(body['message'])}`)
}

/** The limit of the API server and of this machine: a watch, and as many PATCHes in flight as help. It runs in this process. */
export const bare: Approver = {
  name: `${PATCHES} bare PATCHes`,
  start: async (cluster) => {
    const waiting: JsonObject[] = []
    const asked = new Set<string>()
    let inFlight = 0
    const work = async (): Promise<void> => {
      inFlight += 1
      for (let csr = waiting.shift(); csr !== undefined; csr = waiting.shift()) await approve(cluster, csr)
      inFlight -= 1
    }
    const watch = await watchCsrs(cluster, (csr) => {
      const { name } = metadataOf(csr)
      if (asked.has(name) || standingOf(csr).approved) return
      asked.add(name)
      waiting.push(csr)
      // A refusal ends the benchmark, as an error that nobody catches.
      if (inFlight < PATCHES) void work()
    })
    return { containers: [], [Symbol.asyncDispose]: async () => await watch[Symbol.asyncDispose]() }
  },
}
