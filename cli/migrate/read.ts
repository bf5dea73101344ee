import { isObject, objectAt, textAt } from '../../server/json.ts'
import type { JsonObject } from '../../server/ports.ts'
import { readText, type TextReading } from '../../server/files.ts'
import type { Context } from '../context.ts'

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
  const read = file === '-' ? await readStream(stdin) : await readText(file, FILE_MAX_BYTES)
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

async function readStream(stream: Context['stdin']): Promise<TextReading> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of stream) {
    length += chunk.length
    if (length > FILE_MAX_BYTES) return { ok: false, problem: `is larger than ${FILE_MAX_BYTES} bytes` }
    chunks.push(chunk)
  }
  return { ok: true, text: Buffer.concat(chunks).toString() }
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
