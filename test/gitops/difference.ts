/** Compares objects of the API, field by field. */
import { isDeepStrictEqual } from 'node:util'
import { isObject } from '../../server/json.ts'
import type { Json, JsonObject } from '../../server/ports.ts'

/** Where two values differ, a line each: `spec.replicas: 2 → 3`. */
export function differences(before: JsonObject, after: JsonObject): readonly string[] {
  return walk(before, after, '', (one, other) => [...new Set([...Object.keys(one), ...Object.keys(other)])])
}

/**
 * The fields of a rendered object that the stored one does not have as they are written: what a comparison without the
 * API server reports, which knows of no default and of no other way to write a quantity. Fields that only the stored object
 * has are no difference, items of a list are.
 */
export function notStoredAsWritten(written: JsonObject, stored: JsonObject): readonly string[] {
  return walk(written, stored, '', Object.keys)
}

/** Which keys of two objects are compared. */
type Keys = (one: JsonObject, other: JsonObject) => readonly string[]

function walk(one: Json | undefined, other: Json | undefined, path: string, keys: Keys): readonly string[] {
  if (isObject(one) && isObject(other))
    return keys(one, other).flatMap((key) => walk(one[key], other[key], join(path, key), keys))
  if (Array.isArray(one) && Array.isArray(other) && one.length === other.length)
    return one.flatMap((item: Json, index) => walk(item, other[index], `${path}[${index}]`, keys))
  return isDeepStrictEqual(one, other) ? [] : [`${path}: ${shown(one)} → ${shown(other)}`]
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`
}

/** Of a certificate or a dashboard only the beginning matters. */
const MAX_SHOWN = 120

function shown(value: Json | undefined): string {
  const text = value === undefined ? 'absent' : JSON.stringify(value)
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}… (${text.length} characters)` : text
}
