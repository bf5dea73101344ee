import { join } from 'node:path'
import { type Document, isMap, parseAllDocuments } from 'yaml'
import { goTool } from '../release/go-tools.ts'

/** What of the chart a manifest is made from. */
export interface Source {
  readonly namespace: string
  /** A profile of the chart: the file in `profiles/`. */
  readonly profile: string
  /** Values that take precedence over the profile, by their top-level name. */
  readonly values: Readonly<Record<string, unknown>>
}

export type KubernetesDocument = Document

export const NAME = 'kubelet-csr-gate'

/** The oldest supported minor. What the chart renders for it works on newer ones, too. */
const KUBERNETES = '1.30.0'

/** Both name Helm, and nothing here was installed by it: `helm upgrade` would take such objects for its own. */
const HELM_LABELS = ['app.kubernetes.io/managed-by', 'helm.sh/chart']

/**
 * The objects of the chart, without hooks and without the labels of Helm. Comments of the templates are kept.
 * @param chart the folder of the chart
 */
export async function renderChart(chart: string, source: Source): Promise<readonly KubernetesDocument[]> {
  const { namespace, profile, values } = source
  const set = Object.entries(values).flatMap(([name, value]) => [
    '--set-json',
    `${name}=${JSON.stringify(value)}`,
  ])
  const output = await goTool('helm', [
    'template',
    NAME,
    chart,
    `--namespace=${namespace}`,
    `--kube-version=${KUBERNETES}`,
    `--values=${join(chart, 'profiles', profile)}`,
    '--no-hooks',
    ...set,
  ])
  return parseAllDocuments(output).flatMap((document) => (isMap(document.contents) ? [plain(document)] : []))
}

function plain(document: Document): KubernetesDocument {
  for (const label of HELM_LABELS) document.deleteIn(['metadata', 'labels', label])
  // Helm writes the path of the template above each document
  const comments = [document.commentBefore, isMap(document.contents) ? document.contents.commentBefore : null]
  const kept = comments.flatMap((comment) => comment?.split('\n') ?? []).filter(isNoPath)
  document.commentBefore = null
  if (isMap(document.contents)) document.contents.commentBefore = kept.length > 0 ? kept.join('\n') : null
  return document
}

function isNoPath(line: string): boolean {
  return line.trim() !== '' && !line.startsWith(' Source: ')
}

/** A file of several documents, which starts with a comment. No document is empty. */
export function writeDocuments(head: string, documents: readonly KubernetesDocument[]): string {
  const comment = head.split('\n').map((line) => `# ${line}\n`)
  return comment.join('') + documents.map(textOf).join('---\n')
}

function textOf(document: KubernetesDocument): string {
  return document.toString({ lineWidth: 0, flowCollectionPadding: false, directives: false })
}
