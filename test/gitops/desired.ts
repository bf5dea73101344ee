/** The chart as GitOps controllers render it: without a cluster to look at, and without what they do not apply. */
import { objectAt, textAt } from '../../server/json.ts'
import type { JsonObject } from '../../server/ports.ts'
import { CHART, helm, NAMESPACE, objectsOf, RELEASE, withImage } from '../chart/helm.ts'

export interface Rendering {
  readonly values: object
  /** The minor of the cluster, as GitOps controllers tell Helm. */
  readonly minor: string
  /** Default that of the tests. */
  readonly namespace?: string
  /** A folder with the chart; default that of this repository. */
  readonly chart?: string
}

/** The text of `helm template`. Rejects with the message of Helm when it refuses. */
export async function rendered({
  values,
  minor,
  namespace = NAMESPACE,
  chart = CHART,
}: Rendering): Promise<string> {
  const args = ['template', RELEASE, chart, '--namespace', namespace, '--kube-version', minor]
  const { ok, stdout, output } = await helm(args, { values: withImage(values) })
  if (!ok) throw new Error(output)
  return stdout
}

/**
 * The objects that are applied. Argo CD ignores hooks of `helm test`, and runs the one before a deletion only then; Flux leaves
 * both to Helm.
 */
export async function desired(rendering: Rendering): Promise<readonly JsonObject[]> {
  const stdout = await rendered(rendering)
  return objectsOf({ ok: true, output: stdout, stdout, stderr: '' }).filter((object) => !isHook(object))
}

function isHook(object: JsonObject): boolean {
  return textAt(objectAt(object, 'metadata', 'annotations'), 'helm.sh/hook') !== ''
}
