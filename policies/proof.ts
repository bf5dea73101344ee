/** What shows, besides the word of a Node, that a name or address is the requester's; and what it is granted without. */
import { fail, passWithNote } from './check.ts'
import { nodeName } from './node-name.ts'
import { addresses, dnsNames, foldCase } from './request.ts'
import { holdingsOf, type Value } from './rivals.ts'
import type { Rules } from './rules.ts'
import { dials, seenAt } from './seen.ts'
import type { Address, ClusterStage, Held, Lookup, Outcome } from './types.ts'
import { answersForRequester } from './waiting.ts'

/** What the requester's Node object was granted of it. */
export function heldBy({ cluster: { own } }: ClusterStage, { kind, value }: Value): Held | undefined {
  const all = own.known ? own.value.held : []
  return all.find((one) => one.kind === kind && one.value === value)
}

/** Whether something showed it to be the Node's when it was granted. */
export function wasProven(facts: ClusterStage, value: Value): boolean {
  return (heldBy(facts, value)?.provenAt ?? null) !== null
}

/** Whether an address answers for the requester, now or when it was granted. */
export function isProvenAddress(address: Address, facts: ClusterStage, rules: Rules): boolean {
  return wasProven(facts, { kind: 'iPAddress', value: address }) || answersForRequester(address, facts, rules)
}

/** Whether DNS is asked: where no address can be proven, it proves no name. */
export function asksDns({ cluster }: ClusterStage, rules: Rules): boolean {
  return cluster.lookups !== null && dials(rules)
}

/** Where DNS leads a name, undefined if it was not looked up. */
export function lookupOf(name: string, facts: ClusterStage, rules: Rules): Lookup['leadsTo'] | undefined {
  const lookups = asksDns(facts, rules) ? facts.cluster.lookups : null
  return lookups?.find((lookup) => lookup.name === name)?.leadsTo
}

/** Whether a pattern with `{node}` makes the name of that of the Node. */
export function isMadeOf(
  name: string,
  node: string | undefined,
  { patterns }: Pick<Rules, 'patterns'>,
): boolean {
  return node !== undefined && patterns.some((pattern) => pattern.isMadeOf(name, node))
}

/** Whether a pattern makes the name of that of the Node, or DNS leads from it to addresses that are all proven. */
export function isProvenName(name: string, facts: ClusterStage, rules: Rules): boolean {
  if (isMadeOf(name, nodeName(facts.csr.requester.username), rules)) return true
  const found = lookupOf(name, facts, rules)
  return (
    found?.known === true &&
    found.value.length > 0 &&
    found.value.every((address) => isProvenAddress(address, facts, rules))
  )
}

/**
 * The names, in lower case, that need a proof and had none when they were granted. Where the policy has sources, they decide
 * instead of DNS: NameNotVouched.
 */
export function namesToProve(facts: ClusterStage, rules: Rules): string[] {
  const node = nodeName(facts.csr.requester.username) ?? ''
  if (rules.settings.sources.length > 0) return []
  return [...new Set(dnsNames(facts.request).map(foldCase))].filter(
    (name) =>
      name !== node && !isMadeOf(name, node, rules) && !wasProven(facts, { kind: 'dNSName', value: name }),
  )
}

/** Those that were looked up and that nothing proves, and that the Node was not granted before. */
export function unprovenNames(facts: ClusterStage, rules: Rules): string[] {
  return namesToProve(facts, rules).filter(
    (name) =>
      lookupOf(name, facts, rules) !== undefined &&
      !isProvenName(name, facts, rules) &&
      heldBy(facts, { kind: 'dNSName', value: name }) === undefined &&
      !wasGrantedBefore(name, facts, rules),
  )
}

/** Whether an earlier Node of the same name was granted it, and its machine answers. */
function wasGrantedBefore(name: string, facts: ClusterStage, rules: Rules): boolean {
  const own = nodeName(facts.csr.requester.username)
  const isOwn = holdingsOf(facts, rules, { kind: 'dNSName', value: name }).some(({ node }) => node === own)
  return isOwn && addresses(facts.request).some((address) => answersForRequester(address, facts, rules))
}

/** Those that were dialled and do not answer for the requester, and that the Node was not granted before. */
function unprovenAddresses(facts: ClusterStage, rules: Rules): Address[] {
  return addresses(facts.request).filter(
    (address) =>
      seenAt(address, facts, rules).kind !== 'notDialled' &&
      !isProvenAddress(address, facts, rules) &&
      heldBy(facts, { kind: 'iPAddress', value: address }) === undefined,
  )
}

interface Words {
  readonly said: string
  readonly advice: string
  readonly publicDetail?: string
}

/** Passes with what is told of values without proof; fails if they are more, names and addresses together, than a Node may have. */
export function grantUnproven(facts: ClusterStage, rules: Rules, words: Words): Outcome {
  const { said, advice, publicDetail = said } = words
  const { own } = facts.cluster
  const left = own.known ? own.value.unprovenLeft : 0
  const count = unprovenNames(facts, rules).length + unprovenAddresses(facts, rules).length
  if (count <= left) return passWithNote(said)
  const limit = `a Node may have ${rules.limits.unprovenMax} names and addresses without proof, and one more a day: ${left} more now`
  return fail(`${said}; ${limit}. ${advice}`, { publicDetail })
}
