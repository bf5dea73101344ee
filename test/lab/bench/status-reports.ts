import type { ControlPlane } from '../../control-plane/control-plane.ts'
import type { Member } from './fleet.ts'

/** A kubelet whose Node does not change reports its status every 5 min (nodeStatusReportFrequency). */
const REPORT_MS = 300_000

/** Every Node reports once in {@link REPORT_MS}. */
export function reportStatus(cluster: ControlPlane, fleet: readonly Member[]): Disposable {
  let reports = 0
  const timer = setInterval(() => {
    const name = fleet[reports++ % fleet.length]?.name
    const condition = { type: 'Ready', status: 'True', lastHeartbeatTime: new Date().toISOString() }
    cluster
      .adminRequest('PATCH', `/api/v1/nodes/${name}/status`, { status: { conditions: [condition] } })
      .catch(() => undefined)
  }, REPORT_MS / fleet.length)
  return { [Symbol.dispose]: () => clearInterval(timer) }
}
