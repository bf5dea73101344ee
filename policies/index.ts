import type { Check } from './check.ts'
import { additionsAreVouched } from './checks/additions-are-vouched.ts'
import { addressIsPresent } from './checks/address-is-present.ts'
import { addressesAreInsidePolicy } from './checks/addresses-are-inside-policy.ts'
import { addressesAreOfNode } from './checks/addresses-are-of-node.ts'
import { addressesAreProven } from './checks/addresses-are-proven.ts'
import { addressesAreUncontested } from './checks/addresses-are-uncontested.ts'
import { addressesAreUnreserved } from './checks/addresses-are-unreserved.ts'
import { addressesAreVouchedFor } from './checks/addresses-are-vouched-for.ts'
import { addressesAreWellFormed } from './checks/addresses-are-well-formed.ts'
import { commonNameIsRequester } from './checks/common-name-is-requester.ts'
import { credentialIsAccepted } from './checks/credential-is-accepted.ts'
import { keyIsAllowed } from './checks/key-is-allowed.ts'
import { keyIsNew } from './checks/key-is-new.ts'
import { keyIsStrong } from './checks/key-is-strong.ts'
import { lifetimeIsAllowed } from './checks/lifetime-is-allowed.ts'
import { metadataIsPlain } from './checks/metadata-is-plain.ts'
import { namesAreInsidePolicy } from './checks/names-are-inside-policy.ts'
import { namesAreOfNode } from './checks/names-are-of-node.ts'
import { namesAreProven } from './checks/names-are-proven.ts'
import { namesAreUncontested } from './checks/names-are-uncontested.ts'
import { namesAreUnreserved } from './checks/names-are-unreserved.ts'
import { namesAreVouchedFor } from './checks/names-are-vouched-for.ts'
import { namesAreWellFormed } from './checks/names-are-well-formed.ts'
import { nodeIsKnown } from './checks/node-is-known.ts'
import { organizationIsSystemNodes } from './checks/organization-is-system-nodes.ts'
import { requestIsAwaited } from './checks/request-is-awaited.ts'
import { requestIsInShare } from './checks/request-is-in-share.ts'
import { requestIsNewest } from './checks/request-is-newest.ts'
import { requestIsPlain } from './checks/request-is-plain.ts'
import { requesterIsNode } from './checks/requester-is-node.ts'
import { sansAreNamesAndAddresses } from './checks/sans-are-names-and-addresses.ts'
import { subjectIsPlain } from './checks/subject-is-plain.ts'
import { usagesAreServing } from './checks/usages-are-serving.ts'
import type { Purpose } from './types.ts'

/** The policy on one screen. The first failure in this order heads the answer; all are kept. */
export const checks: readonly Check[] = [
  requesterIsNode,
  credentialIsAccepted,
  commonNameIsRequester,
  organizationIsSystemNodes,
  metadataIsPlain,
  subjectIsPlain,
  requestIsPlain,
  sansAreNamesAndAddresses,
  namesAreWellFormed,
  addressesAreWellFormed,
  usagesAreServing,
  keyIsStrong,
  keyIsAllowed,
  keyIsNew,
  lifetimeIsAllowed,
  nodeIsKnown,
  addressIsPresent,
  namesAreUnreserved,
  addressesAreUnreserved,
  namesAreOfNode,
  addressesAreOfNode,
  namesAreUncontested,
  addressesAreUncontested,
  namesAreProven,
  addressesAreProven,
  additionsAreVouched,
  namesAreInsidePolicy,
  addressesAreInsidePolicy,
  namesAreVouchedFor,
  addressesAreVouchedFor,
  requestIsNewest,
  requestIsAwaited,
  requestIsInShare,
]

/** A new CSR is not refused for what only the controller looks at, or for what may have changed when it does. */
const notForAdmission: ReadonlySet<Check> = new Set([
  namesAreProven,
  addressesAreProven,
  additionsAreVouched,
  namesAreVouchedFor,
  addressesAreVouchedFor,
  requestIsNewest,
  requestIsAwaited,
])

/** A guard lets nobody approve what the controller would not. */
const checksFor: ReadonlyMap<Purpose, readonly Check[]> = new Map([
  ['admit', checks.filter((check) => !notForAdmission.has(check))],
  ['approve', checks],
  ['guard', checks],
])

/** The checks of a purpose; none for one that does not exist, as in a record with a misspelt one, so that it approves nothing. */
export function checksOf(purpose: Purpose): readonly Check[] {
  return checksFor.get(purpose) ?? []
}
