import type { JsonObject } from '../../server/ports.ts'
import { configMapStrategy, secretStrategy } from './config-maps.ts'
import { csrStrategy } from './csrs.ts'
import { eventStrategy } from './events.ts'
import { nodeStrategy } from './nodes.ts'
import type { FieldFault } from './refusal.ts'
import {
  CONFIG_MAP,
  CSR,
  EVENT,
  NODE,
  type Resource,
  SECRET,
  type Subresource,
  WEBHOOKS,
} from './resources.ts'
import type { User } from './users.ts'
import { webhookStrategy } from './webhook-entries.ts'

/** What a real API server's registry does with one resource before it stores an object. All are pure. */
export interface Strategy {
  prepareForCreate?(object: JsonObject, user: User): JsonObject
  validate?(object: JsonObject): readonly FieldFault[]
  /** @param at the subresource that is written, null for the object itself */
  prepareForUpdate?(next: JsonObject, before: JsonObject, at: Subresource | null): JsonObject
  validateUpdate?(next: JsonObject, before: JsonObject, at: Subresource | null): readonly FieldFault[]
}

const strategies = new Map<Resource, Strategy>([
  [CSR, csrStrategy],
  [NODE, nodeStrategy],
  [CONFIG_MAP, configMapStrategy],
  [SECRET, secretStrategy],
  [EVENT, eventStrategy],
  [WEBHOOKS, webhookStrategy],
])

export function strategyOf(resource: Resource): Strategy {
  return strategies.get(resource) ?? {}
}
