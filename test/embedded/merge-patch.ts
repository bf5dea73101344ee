import { isObject } from '../../server/json.ts'
import type { Json, JsonObject } from '../../server/ports.ts'

/** RFC 7396. */
export function mergePatch(target: JsonObject, patch: JsonObject): JsonObject {
  const merged = new Map<string, Json | undefined>(Object.entries(target))
  for (const [key, value] of Object.entries(patch)) {
    const known = merged.get(key)
    if (value === null || value === undefined) merged.delete(key)
    else merged.set(key, isObject(value) ? mergePatch(isObject(known) ? known : {}, value) : value)
  }
  return Object.fromEntries(merged)
}
