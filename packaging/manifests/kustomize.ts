import { textAt } from '../../server/json.ts'
import { type KubernetesDocument, writeDocuments } from './render.ts'

/** The file of each kind in the base. */
const files = {
  Namespace: 'namespace.yaml',
  ServiceAccount: 'permissions.yaml',
  ClusterRole: 'permissions.yaml',
  ClusterRoleBinding: 'permissions.yaml',
  Role: 'permissions.yaml',
  RoleBinding: 'permissions.yaml',
  ConfigMap: 'policy.yaml',
  Secret: 'workloads.yaml',
  Service: 'workloads.yaml',
  Deployment: 'workloads.yaml',
  PodDisruptionBudget: 'workloads.yaml',
  FlowSchema: 'workloads.yaml',
  ValidatingWebhookConfiguration: 'webhook.yaml',
} as const

const KUSTOMIZATION = 'kustomization.yaml'

/** A kustomize base: the text of each file, by its name. */
export function kustomizeBase(documents: readonly KubernetesDocument[]): ReadonlyMap<string, string> {
  const byFile = Map.groupBy(documents, fileOf)
  const names = [...byFile.keys()].toSorted()
  const texts = names.map((name) => [name, writeDocuments(HEAD, byFile.get(name) ?? [])] as const)
  return new Map([...texts, [KUSTOMIZATION, kustomization(names)]])
}

const HEAD = 'Made from the Helm chart of kubelet-csr-gate.'

function fileOf(document: KubernetesDocument): string {
  const kind = textAt(document.toJS(), 'kind')
  const found = Object.entries(files).find(([name]) => name === kind)
  if (found === undefined) throw new Error(`the kustomize base has no file for objects of kind ${kind}`)
  return found[1]
}

function kustomization(names: readonly string[]): string {
  return `# ${HEAD} The namespace is also in arguments of the pods: with \`namespace:\`, kustomize
# changes one and not the other. To install elsewhere, use the chart.
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
${names.map((name) => `  - ${name}\n`).join('')}`
}
