/** Which fields of rendered objects differ between two renderings. */
import { parse } from 'yaml'
import { isObject, textAt } from '../../server/json.ts'
import type { Json, JsonObject } from '../../server/ports.ts'

/**
 * The fields whose values differ, with the kinds that have them, a field a line: `spec.replicas: Deployment`. Items of a list
 * are not told apart, nor are objects of one kind: a renamed object differs in its name only. Of a kind with more or fewer
 * objects, the line says only that: `Deployment: 2 → 1`.
 */
export function changedFields(
  before: readonly JsonObject[],
  after: readonly JsonObject[],
): readonly string[] {
  const countIn = (objects: readonly JsonObject[], kind: string) =>
    objects.filter((object) => kindOf(object) === kind).length
  const counted = [...new Set([...before, ...after].map(kindOf))]
    .map((kind) => ({ kind, less: countIn(before, kind), more: countIn(after, kind) }))
    .filter(({ less, more }) => less !== more)
  const [old, recent] = [valuesOf(before), valuesOf(after)]
  const kinds = new Map<string, string[]>()
  for (const where of new Set([...old.keys(), ...recent.keys()])) {
    const [kind = '', field = ''] = where.split(' ', 2)
    if (counted.some((each) => each.kind === kind) || sorted(old.get(where)) === sorted(recent.get(where)))
      continue
    kinds.set(field, [...(kinds.get(field) ?? []), kind])
  }
  return [
    ...counted.map(({ kind, less, more }) => `${kind}: ${less} → ${more}`),
    ...[...kinds].map(([field, each]) => `${field}: ${each.toSorted().join(' ')}`).toSorted(),
  ]
}

const kindOf = (object: JsonObject): string => textAt(object, 'kind')

const sorted = (values: readonly string[] = []): string => JSON.stringify(values.toSorted())

/** The values of each field, by kind and field. */
function valuesOf(objects: readonly JsonObject[]): ReadonlyMap<string, readonly string[]> {
  const values = new Map<string, string[]>()
  for (const object of objects)
    for (const [field, value] of leavesOf(object)) {
      const where = `${textAt(object, 'kind')} ${field}`
      values.set(where, [...(values.get(where) ?? []), value])
    }
  return values
}

function leavesOf(value: Json, field = ''): readonly (readonly [string, string])[] {
  if (Array.isArray(value)) return value.flatMap((item: Json) => leavesOf(item, `${field}[]`))
  // an argument is a field of its own
  if (typeof value === 'string' && field.endsWith('.args[]')) return [argument(field, value)]
  if (typeof value === 'string' && field.endsWith('config.yaml')) return leavesOf(parse(value), `${field}/`)
  if (!isObject(value) || Object.keys(value).length === 0) return [[field, JSON.stringify(value)]]
  return Object.entries(value).flatMap(([key, inner]) =>
    leavesOf(inner ?? null, field === '' ? key : `${field}.${key}`),
  )
}

function argument(field: string, value: string): readonly [string, string] {
  const [flag = ''] = value.split('=')
  return flag.startsWith('--') ? [`${field}${flag}`, value] : [field, value]
}
