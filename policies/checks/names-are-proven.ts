import { formatAddress } from '../address.ts'
import { defineCheck, fail, pass, passWithNote, unknown, unlooked } from '../check.ts'
import {
  asksDns,
  grantUnproven,
  heldBy,
  isProvenAddress,
  lookupOf,
  namesToProve,
  unprovenNames,
} from '../proof.ts'
import type { Rules } from '../rules.ts'
import { dials, isWaived, probesOf } from '../seen.ts'
import { listed, shown } from '../text.ts'
import type { ClusterStage, Outcome } from '../types.ts'

export const namesAreProven = defineCheck({
  code: 'NameUnproven',
  stage: 'cluster',
  failure: 'notYet',
  requires:
    'Each name that the Node was not granted before is the Node’s own, is made of it by a pattern with `{node}`, or leads in DNS to addresses that are all proven. With `proof.names: warn` a Node may have 8 names and addresses without proof, and one more a day. A number as a name is the Node’s own, or matches one of `names.patterns`.',
  because: 'A node writes its own status, so it can report the name of something else, or of a Node to come.',
  source: 'https://github.com/kubernetes/kubernetes/issues/50635',
  run: (facts, rules) => {
    const open = namesToProve(facts, rules)
    const isNew = (name: string): boolean => heldBy(facts, { kind: 'dNSName', value: name }) === undefined
    const numbers = open.filter((name) => isNew(name) && /^\d+$/u.test(name))
    if (numbers.length > 0 && rules.patterns.length === 0) return refuseNumbers(numbers)
    const isRequired = rules.settings.proof.names === 'require'
    if (!asksDns(facts, rules))
      return isRequired && open.some(isNew) ? cannotAsk(open.filter(isNew), facts, rules) : pass
    const waiting = open.filter((name) => lookupOf(name, facts, rules) === undefined)
    if (waiting.length > 0) return unknown(`${listed(waiting)} not looked up yet`)
    const fresh = unprovenNames(facts, rules)
    if (fresh.length === 0) return pass
    if (isRequired) return refuse(fresh, facts, rules)
    const publicDetail = `nothing proves ${listed(fresh)}`
    return grantUnproven(facts, rules, { said: saidOf(fresh, facts, rules), advice: ADVICE, publicDetail })
  },
})

const ADVICE =
  'Add a record for it to DNS, remove it from the Node, or let a pattern with {node} or a source prove it'

/** An operator may approve what nobody looks up. */
function cannotAsk(names: readonly string[], facts: ClusterStage, rules: Rules): Outcome {
  const publicDetail = `${listed(names)} cannot be proven`
  if (!dials(rules))
    return fail(`${publicDetail}: \`proof.addresses\` of the policy is \`off\`, so DNS is not asked`, {
      publicDetail,
    })
  return isWaived(probesOf(facts, rules))
    ? passWithNote(`${listed(names)} was not looked up: an operator approves it without proof`)
    : unlooked(names, `${publicDetail}: nobody asks DNS`)
}

function refuseNumbers(numbers: readonly string[]): Outcome {
  const publicDetail = `${listed(numbers)} is a number, which some clients read as an address`
  return fail(`${publicDetail}. Only names.patterns or a source allow it`, { publicDetail })
}

/** A look-up that failed says nothing; what another answer refuses is refused all the same. */
function refuse(fresh: readonly string[], facts: ClusterStage, rules: Rules): Outcome {
  const refused = fresh.filter((name) => lookupOf(name, facts, rules)?.known === true)
  if (refused.length === 0) return unknown(saidOf(fresh, facts, rules))
  const said = saidOf(refused, facts, rules)
  return fail(`${said}: \`proof.names\` of the policy is \`require\`. ${ADVICE}`, {
    publicDetail: `nothing proves ${listed(refused)}`,
  })
}

function saidOf(names: readonly string[], facts: ClusterStage, rules: Rules): string {
  return listed(names, (name) => `${shown(name)} ${whyNot(name, facts, rules)}`)
}

/** What DNS says of a name that is not proven. */
function whyNot(name: string, facts: ClusterStage, rules: Rules): string {
  const found = lookupOf(name, facts, rules)
  if (found?.known !== true) return `could not be looked up (${found?.because ?? 'not yet'})`
  const [elsewhere] = found.value.filter((address) => !isProvenAddress(address, facts, rules))
  return elsewhere === undefined
    ? 'has no address in DNS'
    : `leads to ${formatAddress(elsewhere)}, which is not proven`
}
