/** By what records are found, compared and counted. */
import { addressOf } from '../facts/claims.ts'
import type { NodeGrants } from '../facts/grants.ts'
import type { ProvenAddress } from '../ports.ts'

/** The slash keeps these keys apart from claims, which begin with their kind and a colon. */
export const nodeKey = (node: string): string => `node/${node}`

export function keysOf({ node, last, earlier, values }: NodeGrants): string[] {
  const keys = [last, ...earlier].map(({ key }) => `key:${key}`)
  return [nodeKey(node), ...keys, ...values.map(({ claim }) => claim)]
}

/** Addresses that Nodes hold and that never answered. */
export function unprovenIn(all: Iterable<NodeGrants>): number {
  let unproven = 0
  for (const { values } of all)
    for (const { claim, provenAt, leftAt } of values)
      if (provenAt === null && leftAt === null && addressOf(claim) !== undefined) unproven += 1
  return unproven
}

/** Addresses that Nodes which exist hold, and at which their kubelets have answered. */
export function* provenIn(all: Iterable<NodeGrants>): Iterable<ProvenAddress> {
  for (const { node, goneAt, values } of all) {
    if (goneAt !== null) continue
    for (const { claim, provenAt, leftAt } of values) {
      const address = provenAt === null || leftAt !== null ? undefined : addressOf(claim)
      if (address !== undefined) yield { node, address }
    }
  }
}
