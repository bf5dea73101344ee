/** The pods of a release, one of each workload, replaced as a rollout replaces them. */
import { objectAt, textAt } from '../../server/json.ts'
import type { JsonObject } from '../../server/ports.ts'
import { FULLNAME, NAMESPACE } from '../chart/helm.ts'
import { nameOf, workloadsIn } from '../chart/objects.ts'
import { type Pod, startPod } from '../chart/pods.ts'
import type { ControlPlane } from '../control-plane/control-plane.ts'
import { untilReady } from '../kit/ready.ts'
import { until } from '../kit/until.ts'

export const LEASE = `/apis/coordination.k8s.io/v1/namespaces/${NAMESPACE}/leases/${FULLNAME}`
const READY_MS = 60_000
/** A Lease that is not given back lasts 15 s, and a candidate looks every 2 s. */
const LEADER_MS = 60_000

export class RunningPods implements AsyncDisposable {
  readonly #cluster: ControlPlane
  /** By the name of their workload. */
  #pods = new Map<string, Pod>()
  #workloads: readonly JsonObject[] = []

  constructor(cluster: ControlPlane) {
    this.#cluster = cluster
  }

  /** Runs the workloads among `objects` and no others. Resolves when they are ready, and one leads if any can. */
  async roll(objects: readonly JsonObject[]): Promise<void> {
    this.#workloads = workloadsIn(objects)
    const before = this.#pods
    this.#pods = new Map()
    const starting = this.#workloads.map(async (workload) => {
      this.#pods.set(nameOf(workload), await this.#start(workload))
    })
    await Promise.all(starting)
    await stopAll(before)
    await this.untilOneLeads()
  }

  /** Starts another pod beside the leader, and stops the leader. */
  async changeLeader(): Promise<void> {
    const workload = this.#workloads.find(runsController)
    if (workload === undefined) return
    const leader = this.#pods.get(nameOf(workload))
    this.#pods.set(nameOf(workload), await this.#start(workload))
    await leader?.child.stop()
    await this.untilOneLeads()
  }

  /** One of the present pods has the Lease, and has renewed it. */
  async untilOneLeads(): Promise<void> {
    if (!this.#workloads.some(runsController)) return
    const names = [...this.#pods.values()].map(({ name }) => name)
    let first = ''
    const look = async (): Promise<boolean> => {
      const spec = objectAt((await this.#cluster.adminRequest('GET', LEASE)).body, 'spec')
      if (!names.some((name) => textAt(spec, 'holderIdentity').startsWith(name))) return false
      first ||= textAt(spec, 'renewTime')
      return textAt(spec, 'renewTime') !== first
    }
    await until(look, 'a present pod holds and renews the Lease', LEADER_MS, 100)
  }

  async #start(workload: JsonObject): Promise<Pod> {
    const pod = await startPod(this.#cluster, workload)
    await untilReady(pod.child, `${pod.metricsUrl}/readyz`, READY_MS)
    return pod
  }

  [Symbol.asyncDispose](): Promise<void> {
    return stopAll(this.#pods)
  }
}

function runsController(workload: JsonObject): boolean {
  return !JSON.stringify(workload).includes('"--component=webhook"')
}

async function stopAll(pods: ReadonlyMap<string, Pod>): Promise<void> {
  await Promise.all([...pods.values()].map(({ child }) => child.stop(15_000)))
}
