import { isObject } from '../../server/json.ts'
import type { Json, JsonObject } from '../../server/ports.ts'
import { METADATA, type Resource, type Shape } from './resources.ts'

/** An object as its type has it, and what it had beyond. */
export interface Decoded {
  readonly object: JsonObject
  /** `spec.foo`, for fields that the type does not have. They are dropped. */
  readonly unknown: readonly string[]
  /** `spec.usages: not a list`, for values of another type. */
  readonly mistyped: readonly string[]
}

interface Faults {
  readonly unknown: string[]
  readonly mistyped: string[]
}

/** Decodes an object as Go does into its type: unknown fields are dropped and told, null is as if absent. */
export function decode(object: JsonObject, { fields }: Resource): Decoded {
  const shape: Shape = { apiVersion: 'string', kind: 'string', metadata: METADATA, ...fields }
  const faults: Faults = { unknown: [], mistyped: [] }
  const value = shaped(object, { shape, at: '', faults })
  return { object: isObject(value) ? value : {}, ...faults }
}

interface Place {
  readonly shape: Shape
  readonly at: string
  readonly faults: Faults
}

function shaped(value: Json, place: Place): Json {
  const { shape, at, faults } = place
  if (typeof shape === 'string') {
    if (!isOf(shape, value)) faults.mistyped.push(`${at}: not ${shape}`)
    return value
  }
  return isList(shape) ? list(value, shape[0], place) : fieldsOf(value, shape, place)
}

function isList(shape: Exclude<Shape, string>): shape is readonly [Shape] {
  return Array.isArray(shape)
}

function list(value: Json, shape: Shape, { at, faults }: Place): Json {
  if (Array.isArray(value))
    return value.map((item: Json, index) => shaped(item, { shape, at: `${at}[${index}]`, faults }))
  faults.mistyped.push(`${at}: not a list`)
  return []
}

function fieldsOf(
  value: Json,
  shape: { readonly [field: string]: Shape },
  { at, faults }: Place,
): JsonObject {
  if (!isObject(value)) {
    faults.mistyped.push(`${at}: not an object`)
    return {}
  }
  const kept: [string, Json][] = []
  for (const [name, field] of Object.entries(value)) {
    const known = Object.hasOwn(shape, name) ? shape[name] : undefined
    const place = at === '' ? name : `${at}.${name}`
    if (known === undefined) faults.unknown.push(place)
    else if (field !== null && field !== undefined)
      kept.push([name, shaped(field, { shape: known, at: place, faults })])
  }
  return Object.fromEntries(kept)
}

function isOf(shape: Extract<Shape, string>, value: Json): boolean {
  if (shape === 'any') return true
  if (shape === 'integer') return Number.isInteger(value)
  if (shape === 'texts')
    return isObject(value) && Object.values(value).every((text) => typeof text === 'string')
  return typeof value === shape
}
