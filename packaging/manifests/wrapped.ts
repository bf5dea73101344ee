/** Manifests inside of objects that other projects install from. */
import { Document, Scalar, stringify } from 'yaml'
import { NAME } from './render.ts'

/** A patch of Talos machine configuration. Talos applies what it holds when the cluster is bootstrapped. */
export function talosPatch(manifest: string): string {
  return literal({ cluster: { inlineManifests: [{ name: NAME, contents: block(manifest) }] } })
}

/** Clusters with this label get the manifest. */
const SELECTOR = { matchLabels: { [NAME]: 'enabled' } }

/**
 * A ClusterResourceSet of Cluster API, and the ConfigMap that it applies. Without a namespace: both belong into the one of
 * the Clusters. `Reconcile` would remove what the pods wrote, the certificate above all, whenever the ConfigMap changes.
 */
export function clusterResourceSet(manifest: string): string {
  const metadata = { name: NAME }
  const contents = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata,
    data: { 'install.yaml': block(manifest) },
  }
  const set = {
    apiVersion: 'addons.cluster.x-k8s.io/v1beta2',
    kind: 'ClusterResourceSet',
    metadata,
    spec: {
      clusterSelector: SELECTOR,
      strategy: 'ApplyOnce',
      resources: [{ kind: 'ConfigMap', name: NAME }],
    },
  }
  return `${literal(contents)}---\n${stringify(set)}`
}

function block(text: string): Scalar {
  const scalar = new Scalar(text)
  scalar.type = Scalar.BLOCK_LITERAL
  return scalar
}

function literal(object: object): string {
  return new Document(object).toString({ lineWidth: 0 })
}
