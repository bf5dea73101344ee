import { formatAddress } from './address.ts'
import { nodeName, shownNode } from './node-name.ts'
import type { Case } from './ownership-case.ts'
import { leftMs, type Value } from './rivals.ts'
import { listed, shown } from './text.ts'
import type { ClusterStage } from './types.ts'

interface Spoken {
  /** The value, safe to show. */
  readonly text: string
  readonly what: 'address' | 'name'
  /** `Node worker-1` */
  readonly requester: string
  readonly one: Case
  readonly facts: ClusterStage
}

/** Why a name or address is refused, and what to do. */
export const WORDS = {
  another: ({ text, requester, one: { seen } }: Spoken) =>
    `at ${text} the kubelet of ${shownName(seen.kind === 'another' ? seen.node : '')} answers, not that of ${requester}. Remove the address from the wrong Node`,
  disproven: ({ text, requester }: Spoken) =>
    `at ${text} a kubelet answers that has no certificate, and ${requester} has one: it is another machine. Remove the address from ${requester}. If its machine was set up again, delete the Node`,
  held: bothClaim,
  claimed: bothClaim,
  left: ({ text, what, one: { holding }, facts }: Spoken) =>
    `${text} was granted to ${shownName(holding?.node ?? '')} with CSR ${shown(holding?.csr ?? '')}, and that Node has not reported it for ${Math.round((holding === undefined ? 0 : leftMs(facts, holding)) / 1_000)} s. It is free after 10 minutes${what === 'address' ? ', or once it answers for the requester' : ''}`,
} as const

/** A refusal, and what a caller is told of it, who may be anybody. */
export interface Contest {
  readonly detail: string
  readonly publicDetail: string
}

export function contestOf(facts: ClusterStage, one: Case, then: keyof typeof WORDS): Contest {
  const spoken = spokenOf(facts, one)
  const detail = WORDS[then](spoken)
  return { detail, publicDetail: then === 'disproven' ? detail : describePublicly(spoken) }
}

/** What is told about a value that another Node was granted, and that the requester gets. */
export function takenOver(one: Case): string {
  const { holding } = one
  const because = whyTakenOver(one)
  return `${shownValue(one)} was granted to ${shownName(holding?.node ?? '')} with CSR ${shown(holding?.csr ?? '')} before: ${because}`
}

function whyTakenOver({ kind, answers, bearer }: Case): string {
  if (bearer) return 'it is the name of the requester'
  if (!answers) return 'a source vouches for it'
  return kind === 'iPAddress' ? 'it answers for the requester' : 'it leads to the requester in DNS'
}

export function shownValue({ kind, value }: Value): string {
  return shown(kind === 'iPAddress' ? formatAddress(value) : value)
}

function spokenOf(facts: ClusterStage, one: Case): Spoken {
  const requester = shownNode(facts.csr.requester.username)
  const what = one.kind === 'iPAddress' ? 'address' : 'name'
  return { text: shownValue(one), what, requester, one, facts }
}

function describePublicly({ text, what }: Spoken): string {
  return `another Node also claims ${text}. Remove the ${what} from the wrong Node`
}

function bothClaim(spoken: Spoken): string {
  return `${allClaim(spoken)}${lastWent(spoken)}. Remove the ${spoken.what} from the wrong Node`
}

function allClaim({ text, one: { rivals, holding }, facts }: Spoken): string {
  const { username } = facts.csr.requester
  const others = rivals.length > 0 ? rivals.map(({ node }) => node) : [holding?.node ?? '']
  const nodes = [nodeName(username) ?? username, ...others]
  return nodes.length === 2
    ? `Nodes ${nodes.map(shown).join(' and ')} both claim ${text}`
    : `Nodes ${listed(nodes)} all claim ${text}`
}

/** Who was granted it last: another Node, or an earlier Node of the requester's name. */
function lastWent({ one: { kind, value, holding }, facts: { cluster, csr } }: Spoken): string {
  const { holdings } = cluster
  const own = nodeName(csr.requester.username)
  const ofOwnName = (holdings.known ? holdings.value : [])
    .filter((each) => each.kind === kind && each.value === value && each.node === own)
    .toSorted((one, other) => other.grantedAt - one.grantedAt)
  const last = holding ?? ofOwnName[0]
  if (last === undefined) return ' and no earlier certificate shows the owner'
  return `; the last certificate with it went to ${holding === undefined ? 'an earlier ' : ''}${shownName(last.node)}`
}

function shownName(node: string): string {
  return `Node ${shown(node)}`
}
