import { judgeBootstrap } from '../../policies/bootstrap.ts'
import type { Decision, Identity, Known } from '../../policies/types.ts'
import type { CsrReading } from '../ports.ts'
import type { FactCache } from './fact-cache.ts'
import type { ParsedRequests } from './parsed-requests.ts'
import { MAX_AGE_MS } from './freshness.ts'

export type BootstrapJudge = (reading: CsrReading, caller: Identity, policyHash: string) => Decision

interface BootstrapParts {
  readonly facts: Pick<FactCache, 'node'>
  readonly parsed: Pick<ParsedRequests, 'read'>
}

export function createBootstrapJudge({ facts, parsed }: BootstrapParts): BootstrapJudge {
  const exists = (name: string): Known<boolean> => {
    const node = facts.node(name, MAX_AGE_MS)
    return node.known ? { known: true, value: node.value !== null } : node
  }
  return ({ request }, caller, policyHash) =>
    judgeBootstrap({ caller, request: parsed.read(request), exists }, policyHash)
}
