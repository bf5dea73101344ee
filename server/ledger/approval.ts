/** What the ledger takes in of an approval. */
import { credentialIds } from '../../policies/credential.ts'
import { rulesFor } from '../../policies/pools.ts'
import { isProvenName, lookupOf, namesToProve } from '../../policies/proof.ts'
import { addresses } from '../../policies/request.ts'
import type { Rules } from '../../policies/rules.ts'
import { seenAt } from '../../policies/seen.ts'
import type { ClusterStage, CsrObject, GrantSight } from '../../policies/types.ts'
import { claimKey } from '../facts/claims.ts'
import type { Grant, Grants, NodeGrants } from '../facts/grants.ts'
import type { StoredCsr } from '../facts/stored-csr.ts'
import type { Approval } from './record.ts'

/** The signer's default: --cluster-signing-duration of kube-controller-manager, 8760h. */
const YEAR_MS = 8_760 * 3_600_000
/** `X509SHA256=` and 64 hex digits. Whoever may impersonate `userextras` can write anything. */
const CREDENTIAL_MAX = 128

function fitting(id: string | null): string | null {
  return id === '' || (id?.length ?? 0) > CREDENTIAL_MAX ? null : id
}

export function grantOf(csr: CsrObject, key: string, now: number): Grant {
  const lifetimeMs = csr.expirationSeconds === null ? YEAR_MS : csr.expirationSeconds * 1_000
  const [credentialId = null] = credentialIds(csr.requester)
  return {
    csr: csr.name,
    key,
    credentialId: fitting(credentialId),
    approvedAt: now,
    notAfter: now + lifetimeMs,
  }
}

/** As the issued certificate has it, once there is one. Whole seconds are kept. */
export function expiring(known: NodeGrants, { issued }: StoredCsr): NodeGrants {
  const { last } = known
  if (issued === null || Math.abs(issued.notAfter - last.notAfter) < 1_000) return known
  return { ...known, last: { ...last, notAfter: issued.notAfter } }
}

export function approvalOf(
  { name, claims, issued }: StoredCsr,
  approvedAt: number,
  ledger: Pick<Grants, 'releasedAt'>,
) {
  const key = claims.find((claim) => claim.startsWith('key:'))?.slice('key:'.length)
  if (key === undefined) return undefined
  const values = claims.filter((claim) => !claim.startsWith('key:') && ledger.releasedAt(claim) < approvedAt)
  const grant = {
    csr: name,
    key,
    credentialId: null,
    approvedAt,
    notAfter: issued?.notAfter ?? approvedAt + YEAR_MS,
  }
  return { grant, claims: values, seen: new Map() }
}

/** What the addresses asked for showed that were dialled, and the names that were looked up. */
export function seenIn(facts: ClusterStage, all: Rules): Approval['seen'] {
  const rules = rulesFor(all, facts.csr.requester.username)
  const seen = new Map<string, Exclude<GrantSight, null>>()
  for (const address of addresses(facts.request)) {
    const { kind } = seenAt(address, facts, rules)
    const sight = kind === 'own' || kind === 'waiting' ? kind : 'silent'
    if (kind !== 'notDialled') seen.set(claimKey('iPAddress', address), sight)
  }
  for (const name of namesToProve(facts, rules))
    if (lookupOf(name, facts, rules) !== undefined)
      seen.set(claimKey('dNSName', name), isProvenName(name, facts, rules) ? 'own' : 'silent')
  return seen
}
