import type { Known } from '../../../policies/types.ts'
import { objectAt, textAt } from '../../../server/json.ts'
import type { JsonObject } from '../../../server/ports.ts'
import type { Session } from '../../cluster/session.ts'
import type { Workload } from '../facts.ts'
import { itemsOf, readAll, textsOf } from './read.ts'

/** Parts of image names: approvers of kubelet-serving CSRs, and metrics-server, which dials kubelets. */
const IMAGES =
  /csr-approver|serving-cert-approver|serving-csr-approver|serving-approver|rubber-stamp|kapprover|machine-approver|talos-cloud-controller-manager|kubelet-csr-gate|metrics-server/u

const KINDS = [
  { kind: 'Deployment', path: '/apis/apps/v1/deployments', ready: 'readyReplicas' },
  { kind: 'DaemonSet', path: '/apis/apps/v1/daemonsets', ready: 'numberReady' },
] as const

/** Reads the Deployments and DaemonSets of known approvers, and of metrics-server, by their images. */
export async function readWorkloads(session: Session): Promise<Known<readonly Workload[]>> {
  const lists = await Promise.all(
    KINDS.map(({ kind, path, ready }) =>
      readAll(session, { title: `${kind}s`, path, select: (object) => workloadOf(object, kind, ready) }),
    ),
  )
  const found: Workload[] = []
  for (const list of lists) {
    if (!list.known) return list
    found.push(...list.value)
  }
  return { known: true, value: found }
}

function workloadOf(object: JsonObject, kind: Workload['kind'], ready: string): Workload | undefined {
  const metadata = objectAt(object, 'metadata')
  const containers = itemsOf(objectAt(object, 'spec', 'template', 'spec'), 'containers')
  const images = containers.map((container) => textAt(container, 'image'))
  if (!images.some((image) => IMAGES.test(image))) return undefined
  return {
    kind,
    namespace: textAt(metadata, 'namespace'),
    name: textAt(metadata, 'name'),
    images,
    args: containers.flatMap((container) => [
      ...textsOf(container['command']),
      ...textsOf(container['args']),
    ]),
    ready: Number(objectAt(object, 'status')[ready] ?? 0),
  }
}
