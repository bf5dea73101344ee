/** How long kubelets wait for their first certificate. */
import { setTimeout as sleep } from 'node:timers/promises'
import { nodeUser } from '../../../policies/node-name.ts'
import type { JsonObject } from '../../../server/ports.ts'
import type { ControlPlane } from '../../control-plane/control-plane.ts'
import { CSRS, standingOf, usernameOf } from '../../kit/kubelet/csr.ts'
import { percentile } from './statistics.ts'

/** Milliseconds of `performance.now()`. */
interface Times {
  readonly asked: number
  readonly approved: number | null
}

/** By user: when the first CSR of each was seen, and the first approval. Ends when all are approved, or after so long. */
export async function timesOf(
  cluster: ControlPlane,
  nodes: readonly { readonly name: string }[],
  withinMs: number,
): Promise<ReadonlyMap<string, Times>> {
  const users = new Set(nodes.map(({ name }) => nodeUser(name)))
  const missing = new Set(users)
  const times = new Map<string, Times>()
  const over = AbortSignal.timeout(withinMs)
  const note = (csr: JsonObject): boolean => {
    const user = usernameOf(csr)
    if (!users.has(user)) return false
    const now = performance.now()
    const { asked, approved } = times.get(user) ?? { asked: now, approved: null }
    const isNew = approved === null && standingOf(csr).approved
    times.set(user, { asked, approved: isNew ? now : approved })
    if (isNew) missing.delete(user)
    return missing.size === 0
  }
  while (!over.aborted && missing.size > 0)
    await cluster.admin.watch(`${CSRS}?watch=1&resourceVersion=0`, note, over).catch(() => sleep(200))
  return times
}

export function lineOf(what: string, times: ReadonlyMap<string, Times>, count: number): string {
  const waits = [...times.values()].flatMap(({ asked, approved }) =>
    approved === null ? [] : [(approved - asked) / 1_000],
  )
  const [p50, p99, most] = [0.5, 0.99, 1].map((share) => percentile(waits, share).toFixed(2))
  return `${what}: ${waits.length} of ${count} approved, seconds from asking p50 ${p50}, p99 ${p99}, at most ${most}`
}

export function areApproved(times: ReadonlyMap<string, Times>, count: number): boolean {
  return [...times.values()].filter(({ approved }) => approved !== null).length === count
}
