import type { JsonObject } from '../../server/ports.ts'
import type { FieldFault } from './refusal.ts'
import type { Subresource } from './resources.ts'
import type { User } from './users.ts'

/** What a real API server's registry does with one resource before it stores an object. All are pure. */
export interface Strategy {
  prepareForCreate?(object: JsonObject, user: User): JsonObject
  validate?(object: JsonObject): readonly FieldFault[]
  /** @param at the subresource that is written, null for the object itself */
  prepareForUpdate?(next: JsonObject, before: JsonObject, at: Subresource | null): JsonObject
  validateUpdate?(next: JsonObject, before: JsonObject, at: Subresource | null): readonly FieldFault[]
}
