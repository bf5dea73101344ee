import {
  type Belonging,
  BY_PATTERN,
  grantedBy,
  notItsOwn,
  OWN_NAME,
  UNPROVEN,
} from '../../policies/belonging.ts'
import { formatAddress } from '../../policies/address.ts'
import { nodeUser } from '../../policies/node-name.ts'
import { rulesFor } from '../../policies/pools.ts'
import { isMadeOf } from '../../policies/proof.ts'
import type { Rules } from '../../policies/rules.ts'
import { shown } from '../../policies/text.ts'
import type { Claim, NodeFacts } from '../../policies/types.ts'
import { claimKey } from '../../server/facts/claims.ts'
import type { Judging } from '../../server/service.ts'
import { judgingNow } from '../cluster/judging.ts'
import { policyFor } from '../cluster/policy.ts'
import type { Session } from '../cluster/session.ts'
import { unknownOwners } from '../owners/owners-of.ts'

/** By the name of the Node; null where it is not known what was granted. */
export type Belongings = ReadonlyMap<string, readonly Belonging[]> | null

/** Why the names and addresses that Nodes report are theirs, by what was granted. Nobody is dialled for it. */
export async function readBelongings(session: Session): Promise<Belongings> {
  const policy = await policyFor(null, session)
  if (!policy.ok) return null
  await using judging = await judgingNow(session, { rules: policy.rules })
  if (judging.problem() !== null || unknownOwners(judging).length > 0) return null
  const nodes = [...judging.informers.nodes.values()]
  return new Map(nodes.map((node) => [node.name, ofNode(node, judging.facts, policy.rules)]))
}

function ofNode(node: NodeFacts, facts: Pick<Judging['facts'], 'holders'>, rules: Rules): Belonging[] {
  return [
    ...node.names.map((name) => ({
      kind: 'name' as const,
      value: shown(name),
      ...reasonOf(node, 'dNSName', name, { facts, rules }),
    })),
    ...node.addresses.map((address) => ({
      kind: 'address' as const,
      value: formatAddress(address),
      ...reasonOf(node, 'iPAddress', address, { facts, rules }),
    })),
  ]
}

interface Known {
  readonly facts: Pick<Judging['facts'], 'holders'>
  readonly rules: Rules
}

function reasonOf(
  { name }: NodeFacts,
  kind: Claim['kind'],
  value: string,
  { facts, rules }: Known,
): Pick<Belonging, 'why' | 'words'> {
  const holders = facts.holders({ kind, value, claim: claimKey(kind, value) })
  const present = holders.filter(({ leftAt }) => leftAt === null)
  const own = present.find(({ node }) => node === name)
  const isOwnName = kind === 'dNSName' && value === name
  if (isOwnName && (own !== undefined || !value.includes('.'))) return OWN_NAME
  const ofItsPool = rulesFor(rules, nodeUser(name))
  if (kind === 'dNSName' && isMadeOf(value, name, ofItsPool)) return BY_PATTERN
  if (own !== undefined) return grantedBy(own, ofItsPool.settings.sources)
  const [other] = present
  if (other !== undefined)
    return notItsOwn(`it was granted to Node ${shown(other.node)} with CSR ${shown(other.csr)}`)
  return isOwnName ? OWN_NAME : UNPROVEN
}
