/** By what records are found, compared and counted. */
import { addressOf } from '../facts/claims.ts'
import type { NodeGrants } from '../facts/grants.ts'

export const nodeKey = (node: string): string => `node/${node}`

export function keysOf({ node, last, earlier, values }: NodeGrants): string[] {
  const keys = [last, ...earlier].map(({ key }) => `key:${key}`)
  return [nodeKey(node), ...keys, ...values.map(({ claim }) => claim)]
}

/** Of two versions of one ConfigMap; what this process wrote is known before the watch shows it. */
export function isOlder(version: string, known: string | null): boolean {
  return known !== null && /^\d+$/u.test(version) && /^\d+$/u.test(known) && BigInt(version) < BigInt(known)
}

/** Addresses that Nodes hold and that never answered. */
export function unprovenIn(all: Iterable<NodeGrants>): number {
  let unproven = 0
  for (const { values } of all)
    for (const { claim, provenAt, leftAt } of values)
      if (provenAt === null && leftAt === null && addressOf(claim) !== undefined) unproven += 1
  return unproven
}
