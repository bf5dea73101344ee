import { isObject, objectAt, textAt } from '../../server/json.ts'
import type { JsonObject } from '../../server/ports.ts'
import type { Context } from '../context.ts'
import { readInput } from '../input.ts'

/** Values and manifests have some kilobytes. */
const FILE_MAX_BYTES = 1_048_576
/** Aliases beyond this many would expand to more than was written. */
const ALIASES_MAX = 100

/** Every object in a file of YAML documents or JSON, or why it cannot be read. `-` is standard input. */
export async function readObjects(
  file: string,
  stdin: Context['stdin'],
): Promise<
  | { readonly ok: true; readonly objects: readonly JsonObject[] }
  | { readonly ok: false; readonly problem: string }
> {
  const read = await readInput(file, FILE_MAX_BYTES, stdin)
  if (!read.ok) return { ok: false, problem: `${file}: ${read.problem}` }
  const { parseAllDocuments } = await import('yaml')
  const documents = [...parseAllDocuments(read.text)]
  const [fault] = documents.flatMap(({ errors }) => errors)
  if (fault !== undefined)
    return { ok: false, problem: `${file}: is not YAML: ${fault.message.replaceAll(/\s+/gu, ' ')}` }
  const contents = documents.map((document): unknown => document.toJS({ maxAliasCount: ALIASES_MAX }))
  return { ok: true, objects: contents.filter(isObject).flatMap(itemsOf) }
}

function itemsOf(object: JsonObject): readonly JsonObject[] {
  const items = object['items']
  return Array.isArray(items) && textAt(object, 'kind').endsWith('List') ? items.filter(isObject) : [object]
}

const CHART = 'kubelet-csr-approver'

/** The values of the chart: by themselves, under the chart's name as of a parent chart, or in a HelmRelease or Application. */
export function chartValuesIn(objects: readonly JsonObject[]): JsonObject {
  const releases = objects.flatMap((object) => {
    const { kind } = object
    if (kind === 'HelmRelease') return [objectAt(object, 'spec', 'values')]
    return kind === 'Application' ? [objectAt(object, 'spec', 'source', 'helm', 'valuesObject')] : []
  })
  const values = releases[0] ?? objects[0] ?? {}
  return isObject(values[CHART]) ? objectAt(values, CHART) : values
}
