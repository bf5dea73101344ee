/** The examples of docs/gitops. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { objectAt } from '../../server/json.ts'
import type { JsonObject } from '../../server/ports.ts'
import { named } from '../chart/objects.ts'

const DOCS = join(import.meta.dirname, '..', '..', 'docs', 'gitops')
export const argoCd = await readFile(join(DOCS, 'argo-cd.md'), 'utf8')
export const flux = await readFile(join(DOCS, 'flux.md'), 'utf8')

/** The YAML documents of a page. */
function documentsOf(page: string): readonly JsonObject[] {
  const blocks = [...page.matchAll(/^( *)```yaml\n([^]*?)^\1```$/gmu)]
  const texts = blocks.map(([, indent = '', text = '']) =>
    text.replaceAll(new RegExp(`^${indent}`, 'gmu'), ''),
  )
  return texts.flatMap((text) => parseAllDocuments(text).map((document) => objectAt(document.toJS())))
}

export const documents = [...documentsOf(argoCd), ...documentsOf(flux)]
export const examples = documents.filter(
  ({ apiVersion, kind }) => apiVersion !== undefined && kind !== 'Namespace',
)
export const application = named(examples, 'Application', 'kubelet-csr-gate')
export const [fromGit = {}] = documents.filter(({ path }) => path === 'charts/kubelet-csr-gate')
export const gitApplication = { ...application, spec: { ...objectAt(application, 'spec'), source: fromGit } }
export const releases = examples.filter(({ kind }) => kind === 'HelmRelease')
