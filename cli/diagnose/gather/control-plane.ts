import type { Known } from '../../../policies/types.ts'
import { objectAt, textAt } from '../../../server/json.ts'
import type { JsonObject } from '../../../server/ports.ts'
import type { Session } from '../../cluster/session.ts'
import type { ControlPlanePod, NodeFacts } from '../facts.ts'
import { itemsOf, readAll, textsOf } from './read.ts'

type Component = 'kube-apiserver' | 'kube-controller-manager'

interface FoundPod extends ControlPlanePod {
  readonly component: string
}

/** kubeadm and RKE2 label static Pods `component`, kops `k8s-app`. */
const SELECTORS = ['component', 'k8s-app'].map(
  (label) => `${label} in (kube-apiserver,kube-controller-manager)`,
)

/** Reads the flags of API servers and controller managers from their Pods, where the control plane runs in Pods. */
export async function readControlPlanePods(session: Session): Promise<Known<readonly FoundPod[]>> {
  const lists = await Promise.all(
    SELECTORS.map((labelSelector) =>
      readAll(session, {
        title: 'Pods in kube-system',
        path: '/api/v1/namespaces/kube-system/pods',
        labelSelector,
        select: podOf,
      }),
    ),
  )
  const pods = new Map<string, FoundPod>()
  for (const list of lists) {
    if (!list.known) return list
    for (const pod of list.value) pods.set(pod.name, pod)
  }
  return { known: true, value: [...pods.values()] }
}

/**
 * The Pods of one component. Only those on control planes count: a node may create a static Pod of any name and flags on
 * itself, and would then say that all is well.
 */
export function podsOf(
  component: Component,
  pods: Known<readonly FoundPod[]>,
  nodes: Known<readonly NodeFacts[]>,
): Known<readonly ControlPlanePod[]> {
  if (!pods.known) return pods
  if (!nodes.known) return nodes
  const controlPlanes = new Set(
    nodes.value.filter(({ controlPlane }) => controlPlane).map(({ name }) => name),
  )
  const found = pods.value.filter((pod) => pod.component === component && controlPlanes.has(pod.node))
  if (found.length > 0) return { known: true, value: found }
  const because = `no Pod ${component} runs in kube-system on a control plane: as on managed clusters, its flags are not visible`
  return { known: false, because }
}

function podOf(object: JsonObject): FoundPod | undefined {
  const spec = objectAt(object, 'spec')
  const container = itemsOf(spec, 'containers').find((one) =>
    /^kube-(?:apiserver|controller-manager)$/u.test(textAt(one, 'name')),
  )
  if (container === undefined) return undefined
  const words = [...textsOf(container['command']), ...textsOf(container['args'])]
  return {
    name: textAt(objectAt(object, 'metadata'), 'name'),
    node: textAt(spec, 'nodeName'),
    component: textAt(container, 'name'),
    flags: flagsOf(words),
  }
}

/** `--name=value`, `--name value` and a lone `--name`, which means true. The last one counts. */
function flagsOf(words: readonly string[]): ReadonlyMap<string, string> {
  const flags = new Map<string, string>()
  for (const [index, word] of words.entries()) {
    const [, name, value] = /^--?([\w-]+)(?:=([^]*))?$/u.exec(word) ?? []
    if (name === undefined) continue
    const next = words[index + 1]
    flags.set(name, value ?? (next === undefined || next.startsWith('-') ? 'true' : next))
  }
  return flags
}
