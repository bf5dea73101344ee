import type { Json, JsonObject } from './ports.ts'

/** Reads parsed JSON of unknown shape. A missing value, or a value of another type, reads as empty. */

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The object at `path`, or an empty object. */
export function objectAt(from: Json | undefined, ...path: readonly string[]): JsonObject {
  let value = from
  for (const key of path) value = isObject(value) ? value[key] : undefined
  return isObject(value) ? value : {}
}

/** The string under `key`, or an empty string. */
export function textAt(from: JsonObject, key: string): string {
  const value = from[key]
  return typeof value === 'string' ? value : ''
}

/** The base64 under `key`, decoded as UTF-8. Empty if it is missing or longer than `maxCharacters`. */
export function decodedOf(from: JsonObject, key: string, maxCharacters: number): string {
  const value = textAt(from, key)
  return value.length <= maxCharacters ? Buffer.from(value, 'base64').toString() : ''
}

/** The base64 of `text` as UTF-8. */
export function encoded(text: string): string {
  return Buffer.from(text).toString('base64')
}

/** metav1.MicroTime of `ms` since the epoch: RFC 3339 with exactly six decimals, which the API server requires. */
export function microTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z')
}

/** A string's header and padding; an object's or an array's header; a field, an item or a number. Without pointer compression. */
const TEXT_BYTES = 24
const OBJECT_BYTES = 48
const SLOT_BYTES = 8

/** About how much heap a value of plain JSON takes, for budgets: not less than half as much, nor more than twice. */
export function heapBytes(value: unknown): number {
  if (typeof value === 'string') return TEXT_BYTES + Buffer.byteLength(value)
  if (typeof value !== 'object' || value === null) return SLOT_BYTES
  let bytes = OBJECT_BYTES
  // Without Object.values, which would allocate for each object.
  for (const key in value) bytes += SLOT_BYTES + heapBytes(Reflect.get(value, key))
  return bytes
}
