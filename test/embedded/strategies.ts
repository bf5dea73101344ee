import { configMapStrategy, secretStrategy } from './config-maps.ts'
import { csrStrategy } from './csrs.ts'
import { eventStrategy } from './events.ts'
import { nodeStrategy } from './nodes.ts'
import { CONFIG_MAP, CSR, EVENT, NODE, type Resource, SECRET, WEBHOOKS } from './resources.ts'
import type { Strategy } from './strategy.ts'
import { webhookStrategy } from './webhook-entries.ts'

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
