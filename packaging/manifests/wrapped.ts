/** Manifests inside of objects that other projects install from. */
import { Document, Scalar } from 'yaml'
import { NAME } from './render.ts'

/** A patch of Talos machine configuration. Talos applies what it holds when the cluster is bootstrapped. */
export function talosPatch(manifest: string): string {
  return literal({ cluster: { inlineManifests: [{ name: NAME, contents: block(manifest) }] } })
}

/**
 * A ConfigMap with the manifest, and the ClusterResourceSet of Cluster API that applies it. Without a namespace: both belong
 * into the one of the Clusters.
 */
export function clusterResourceSet(manifest: string, set: string): string {
  const data = { 'install.yaml': block(manifest) }
  const contents = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: NAME }, data }
  return `${literal(contents)}---\n${set}`
}

function block(text: string): Scalar {
  const scalar = new Scalar(text)
  scalar.type = Scalar.BLOCK_LITERAL
  return scalar
}

function literal(object: object): string {
  return new Document(object).toString({ lineWidth: 0 })
}
