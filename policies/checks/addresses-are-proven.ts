import { formatAddress } from '../address.ts'
import { defineCheck, fail, pass, passWithNote, unknown } from '../check.ts'
import { isGlobal } from '../global-address.ts'
import { addresses } from '../request.ts'
import type { Rules } from '../rules.ts'
import { answersForRequester, probesOf } from '../seen.ts'
import { listed } from '../text.ts'
import type { Address, ClusterStage, Held, Outcome } from '../types.ts'

export const addressesAreProven = defineCheck({
  code: 'AddressUnproven',
  stage: 'cluster',
  failure: 'notYet',
  requires:
    'Each address has answered as the requester’s Node when the controller dialled it; with `proof: tell` all but 8, with `proof: require` all but external ones.',
  because: 'An address that nobody answers at may be that of a machine that is off or has yet to come.',
  source: 'https://github.com/kubernetes/kubernetes/issues/133975',
  run: (facts, rules) => {
    const probes = probesOf(facts, rules)
    const { proof } = rules.settings
    if (probes.are !== 'here') {
      const blocks = proof === 'require' && probes.are === 'none' && hasNew(facts)
      return blocks ? unknown(`addresses cannot be proven: ${probes.because}`) : pass
    }
    const unproven = addresses(facts.request).filter((address) => !isProven(address, facts, rules))
    const waiting = proof === 'require' ? unproven.filter((address) => isInternal(address, facts)) : []
    return waiting.length > 0 ? refuse(waiting) : allow(unproven, facts, rules)
  },
})

function refuse(waiting: readonly Address[]): Outcome {
  const said = `nobody answers as the requester at ${listed(waiting.map(formatAddress))}`
  const advice = 'Check that the controller reaches the port of kubelets there'
  return fail(`${said}, and \`proof\` of the policy is \`require\`. ${advice}`, { publicDetail: said })
}

/** What was granted before is not told again. */
function allow(unproven: readonly Address[], facts: ClusterStage, { limits }: Rules): Outcome {
  const { unprovenMax } = limits
  const { own } = facts.cluster
  const before = own.known ? own.value.unproven : []
  const all = new Set([...before, ...unproven])
  const fresh = unproven.filter((address) => !before.includes(address))
  if (fresh.length === 0) return pass
  const said = `nobody answers as the requester at ${listed(fresh.map(formatAddress))}`
  if (all.size <= unprovenMax) return passWithNote(said)
  const limit = `a Node may have ${unprovenMax} such addresses, and it would have ${all.size}`
  return fail(`${said}; ${limit}. Check that the controller reaches the port of kubelets there`, {
    publicDetail: said,
  })
}

function isProven(address: Address, facts: ClusterStage, rules: Rules): boolean {
  const held = heldAddress(address, facts)
  return (held !== undefined && held.provenAt !== null) || answersForRequester(address, facts, rules)
}

function heldAddress(address: Address, { cluster: { own } }: ClusterStage): Held | undefined {
  const all = own.known ? own.value.held : []
  return all.find(({ kind, value }) => kind === 'iPAddress' && value === address)
}

function hasNew(facts: ClusterStage): boolean {
  return addresses(facts.request).some((address) => heldAddress(address, facts) === undefined)
}

/** A node writes the type of its addresses itself: only one of the public internet can be external. */
function isInternal(address: Address, { cluster: { node } }: ClusterStage): boolean {
  const external = node.known ? (node.value?.external ?? []) : []
  return !(external.includes(address) && isGlobal(address))
}
