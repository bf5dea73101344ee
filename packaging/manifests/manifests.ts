import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Document } from 'yaml'
import type { PublishedImage } from '../release/chart-archive.ts'
import { kustomizeBase } from './kustomize.ts'
import { type KubernetesDocument, NAME, renderChart, type Source, writeDocuments } from './render.ts'
import { bootstrap, install, talos } from './sources.ts'
import { clusterResourceSet, talosPatch } from './wrapped.ts'

const CLUSTER_RESOURCE_SET = 'packaging/upstream/cluster-api/cluster-resource-set.yaml'

export interface Manifests {
  /** The text of each manifest, by its name. */
  readonly files: ReadonlyMap<string, string>
  /** The text of each file of the kustomize base, by its name. */
  readonly kustomize: ReadonlyMap<string, string>
}

/**
 * What is installed without Helm, made from the chart. The same chart and image give the same text.
 * @param image without a digest, manifests name it by tag. Without a registry, it is that of an import on the nodes
 */
export async function manifests(root: string, version: string, image: PublishedImage): Promise<Manifests> {
  const render = (source: Source) => renderChart(join(root, 'charts', NAME), withImage(source, image))
  const installed = [namespaceOf(install), ...(await render(install))]
  const installText = writeDocuments(headOf(version, install, 'the default installation'), installed)
  const talosText = writeDocuments(headOf(version, talos, 'on Talos'), await render(talos))
  const bootstrapText = writeDocuments(
    headOf(version, bootstrap, 'on the control planes of kubeadm, from the first minute'),
    await render(bootstrap),
  )
  const set = await readFile(join(root, CLUSTER_RESOURCE_SET), 'utf8')
  return {
    files: new Map([
      ['install.yaml', installText],
      ['bootstrap.yaml', bootstrapText],
      ['talos-inline.yaml', talosPatch(talosText)],
      ['cluster-resource-set.yaml', clusterResourceSet(installText, set)],
    ]),
    kustomize: kustomizeBase(installed),
  }
}

function withImage(source: Source, { registry, digest }: PublishedImage): Source {
  const from = registry === null ? { pullPolicy: 'Never' } : { registry, digest }
  return { ...source, values: { ...source.values, image: from } }
}

function headOf(version: string, { namespace, profile }: Source, what: string): string {
  return `${NAME} ${version}, ${what}, in the namespace ${namespace}.
Made from the Helm chart with the profile ${profile}. To change a setting, use the chart or kustomize.`
}

/** Helm makes the namespace of a release itself. The pods satisfy the strictest Pod Security Standard. */
function namespaceOf({ namespace }: Source): KubernetesDocument {
  return new Document({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
  })
}
