import { contains, formatAddress } from '../address.ts'
import { defineCheck, fail, pass, passWithNote, unlooked } from '../check.ts'
import { isGlobal } from '../global-address.ts'
import { grantUnproven, heldBy, isProvenAddress } from '../proof.ts'
import { addresses } from '../request.ts'
import type { Rules } from '../rules.ts'
import { isWaived, networkTo, probesOf, seenAt, whyUnlooked } from '../seen.ts'
import { listed } from '../text.ts'
import type { Address, ClusterStage, Outcome } from '../types.ts'

export const addressesAreProven = defineCheck({
  code: 'AddressUnproven',
  stage: 'cluster',
  failure: 'notYet',
  requires:
    'Each address that the Node was not granted before answers as the Node when the controller dials it. With `proof.addresses: auto` an address that does not answer is refused where kubelets of the same pool answer; elsewhere, and with `warn`, a Node may have 8 names and addresses without proof, and one more a day.',
  because: 'An address at which nobody answers may belong to a machine that is off or not installed yet.',
  source: 'https://github.com/kubernetes/kubernetes/issues/133975',
  run: (facts, rules) => {
    const probes = probesOf(facts, rules)
    // A source must vouch for every address: AddressNotVouched.
    if (rules.settings.sources.length > 0) return pass
    const open = addresses(facts.request).filter((address) => !isProvenAddress(address, facts, rules))
    if (probes.kind === 'off' || probes.kind === 'later') return pass
    const unseen = open.filter((address) => isUnseen(address, facts, rules))
    if (unseen.length > 0 && !isWaived(probes)) return notLookedAt(unseen, facts, rules)
    const looked = open.filter((address) => !unseen.includes(address))
    const external = looked
      .filter((address) => mayBeSilent(address, facts, rules))
      .slice(0, rules.limits.externalMax)
    const refused = looked.filter(
      (address) => !external.includes(address) && mustAnswer(address, facts, rules),
    )
    return refused.length > 0 ? refuse(refused, rules) : allow(looked, unseen, facts, rules)
  },
})

/** Whether only a look can tell. What was granted before goes on without one, unless it must answer. */
function isUnseen(address: Address, facts: ClusterStage, rules: Rules): boolean {
  const { addresses: wanted } = rules.settings.proof
  if (seenAt(address, facts, rules).kind !== 'notDialled') return isUnclear(address, facts, rules)
  return wanted === 'require' || isNew(address, facts)
}

function notLookedAt(unseen: readonly Address[], facts: ClusterStage, rules: Rules): Outcome {
  const isDialled = unseen.every((address) => seenAt(address, facts, rules).kind !== 'notDialled')
  const texts = unseen.map(formatAddress)
  const said = isDialled
    ? `nobody answers at ${listed(texts)}, and the controller has not looked yet whether other kubelets answer`
    : whyUnlooked(texts, facts, rules)
  return unlooked(texts, said)
}

function refuse(refused: readonly Address[], { settings: { proof } }: Rules): Outcome {
  const said = `nobody answers as the requester at ${listed(refused.map(formatAddress))}`
  const because =
    proof.addresses === 'auto'
      ? 'where other kubelets answer'
      : '`proof.addresses` of the policy is `require`'
  const advice =
    'Check that the controller reaches the port of kubelets there, or add them to `proof.unreachable`'
  return fail(`${said}: ${because}. ${advice}`, { publicDetail: said })
}

/** What was granted before is not told again. */
function allow(
  looked: readonly Address[],
  waived: readonly Address[],
  facts: ClusterStage,
  rules: Rules,
): Outcome {
  const fresh = looked.filter((address) => isNew(address, facts))
  if (waived.length > 0) {
    const texts = listed([...waived, ...fresh].map(formatAddress))
    return passWithNote(
      `nobody answered at ${texts} when it was judged: an operator approves it without proof`,
    )
  }
  if (fresh.length === 0) return pass
  const said = `nobody answers as the requester at ${listed(fresh.map(formatAddress))}`
  return grantUnproven(facts, rules, {
    said,
    advice: 'Check that the controller reaches the port of kubelets there',
  })
}

function isNew(address: Address, facts: ClusterStage): boolean {
  return heldBy(facts, { kind: 'iPAddress', value: address }) === undefined
}

function isUnclear(address: Address, facts: ClusterStage, rules: Rules): boolean {
  const isAuto = rules.settings.proof.addresses === 'auto'
  return isAuto && isNew(address, facts) && networkTo(address, facts, rules) === undefined
}

/** Where the network works, silence is no accident. What was granted before goes on all the same. */
function mustAnswer(address: Address, facts: ClusterStage, rules: Rules): boolean {
  const { addresses: wanted } = rules.settings.proof
  if (wanted !== 'auto') return wanted === 'require'
  return networkTo(address, facts, rules) === 'works' && isNew(address, facts)
}

/** A node writes the type of its addresses itself: without the word of the policy, only one of the public internet can be external. */
function mayBeSilent(address: Address, { cluster: { node } }: ClusterStage, rules: Rules): boolean {
  const external = node.known ? (node.value?.external ?? []) : []
  const isUnreachable = rules.unreachable.some((prefix) => contains(prefix, address))
  const isPublic = rules.settings.proof.addresses !== 'require' && isGlobal(address)
  return isUnreachable || (isPublic && external.includes(address))
}
