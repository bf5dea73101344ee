import type { Known } from '../../../policies/types.ts'
import { problemOf } from '../../cluster/refusal.ts'
import type { Session } from '../../cluster/session.ts'
import type { ControlPlanePod, OwnLogs } from '../facts.ts'

/** Asks for a byte of the logs of the API server itself: it dials the kubelet there as it does for `kubectl logs`. */
export async function readOwnLogs(
  { cluster, server }: Session,
  apiServers: Known<readonly ControlPlanePod[]>,
): Promise<Known<OwnLogs>> {
  if (!apiServers.known) return apiServers
  const [pod] = apiServers.value
  const path = `/api/v1/namespaces/kube-system/pods/${pod?.name}/log?limitBytes=1`
  const answer = await cluster.call({ method: 'GET', path })
  const node = pod?.node ?? ''
  // Logs are no object: they count as an answer that cannot be read.
  if (answer.status === 200) return { known: true, value: { node, problem: '' } }
  if (!answer.ok && answer.status === 500) return { known: true, value: { node, problem: answer.message } }
  return { known: false, because: answer.ok ? '' : problemOf(answer, 'logs in kube-system', server).message }
}
