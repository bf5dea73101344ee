import type { Builder } from './metric-builder.ts'
import { metricTable as table } from './metric-table.ts'

/** What the process runs with: policy, inventory, certificate. */
export interface ConfigurationMetrics {
  policyInForce(hash: string): void
  policyReloaded(ok: boolean): void
  inventoryReloaded(ok: boolean): void
  certificateServed(notAfter: Date): void
  certificateRead(ok: boolean): void
}

export function configurationMetrics({ counter, gauge, whole }: Builder): ConfigurationMetrics {
  const policy = gauge(table.policy)
  const policyReloads = counter(table.policyReloads)
  const policyGood = gauge(table.policyGood)
  const expiry = gauge(table.certificateExpiry)
  const reads = counter(table.certificateReads)
  const errors = counter(table.certificateErrors)
  const inventoryGood = gauge(table.inventoryGood)
  policyGood.set(whole, 1)
  inventoryGood.set(whole, 1)
  for (const result of ['ok', 'faults']) policyReloads.inc({ ...whole, result }, 0)
  return {
    policyInForce(hash) {
      policy.reset()
      policy.set({ ...whole, hash }, 1)
    },
    policyReloaded(ok) {
      policyReloads.inc({ ...whole, result: ok ? 'ok' : 'faults' })
      policyGood.set(whole, ok ? 1 : 0)
    },
    inventoryReloaded: (ok) => inventoryGood.set(whole, ok ? 1 : 0),
    certificateServed: (notAfter) => expiry.set({ component: 'webhook' }, notAfter.getTime() / 1_000),
    certificateRead(ok) {
      reads.inc()
      if (!ok) errors.inc()
    },
  }
}
