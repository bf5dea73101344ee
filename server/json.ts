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
