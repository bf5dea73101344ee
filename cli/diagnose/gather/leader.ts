import type { Known } from '../../../policies/types.ts'
import { objectAt, textAt } from '../../../server/json.ts'
import type { JsonObject } from '../../../server/ports.ts'
import type { Session } from '../../cluster/session.ts'
import type { Leader } from '../facts.ts'
import { itemsOf, mapKnown, readObject } from './read.ts'

const LEASE = '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/kube-controller-manager'

/** Reads who leads kube-controller-manager; null without a Lease. */
export async function readLeader(session: Session): Promise<Known<Leader | null>> {
  const lease = await readObject(session, LEASE, 'the Lease kube-system/kube-controller-manager')
  return mapKnown(lease, (object) => leaderOf(object ?? {}))
}

/** The holder writes `renewTime` by its own clock, and the API server by its own when that was written. */
function leaderOf(lease: JsonObject): Leader | null {
  const spec = objectAt(lease, 'spec')
  const said = Date.parse(textAt(spec, 'renewTime'))
  if (Number.isNaN(said)) return null
  const written = itemsOf(objectAt(lease, 'metadata'), 'managedFields').map((entry) =>
    Date.parse(textAt(entry, 'time')),
  )
  const renewedAt = written.length === 0 ? said : Math.max(...written)
  return { holder: textAt(spec, 'holderIdentity'), renewedAt, clockAheadMs: said - renewedAt }
}
