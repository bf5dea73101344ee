import { textAt } from '../../server/json.ts'
import { type KubernetesDocument, writeDocuments } from './render.ts'

/** The file of a kind in the base; the others are in {@link WORKLOADS}. */
const files: Readonly<Record<string, string>> = {
  Namespace: 'namespace.yaml',
  ServiceAccount: 'permissions.yaml',
  ClusterRole: 'permissions.yaml',
  ClusterRoleBinding: 'permissions.yaml',
  Role: 'permissions.yaml',
  RoleBinding: 'permissions.yaml',
  ConfigMap: 'config.yaml',
  ValidatingWebhookConfiguration: 'webhook.yaml',
}

const WORKLOADS = 'workloads.yaml'
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
  return files[textAt(document.toJS(), 'kind')] ?? WORKLOADS
}

function kustomization(names: readonly string[]): string {
  return `# ${HEAD} The namespace is also in config.yaml: with \`namespace:\`, kustomize
# changes one and not the other. To install elsewhere, use the chart.
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
${names.map((name) => `  - ${name}\n`).join('')}`
}
