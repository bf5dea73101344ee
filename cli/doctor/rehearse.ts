import { formatAddress } from '../../policies/address.ts'
import { NODES_GROUP, nodeUser } from '../../policies/node-name.ts'
import type { Rules } from '../../policies/rules.ts'
import type { Decision, NodeFacts } from '../../policies/types.ts'
import { writeRequest } from '../../server/der/request-writer.ts'
import type { Judging } from '../../server/service.ts'
import { judgingNow } from '../cluster/judging.ts'
import { lookingFrom } from '../cluster/looking.ts'
import { policyFor } from '../cluster/policy.ts'
import type { Context } from '../context.ts'
import { inParallel } from '../diagnose/dial.ts'
import { EXIT } from '../exit-codes.ts'
import { requestIn, subjectOfManifest } from '../explain/subject.ts'
import { onClusters } from '../on-cluster.ts'
import { jsonOf, modes, type Mode, type Rehearsed, textOf, type Verdict } from './rehearse-result.ts'
import type { DoctorOptions } from './run.ts'

/** The clusters that Kubernetes is tested with have so many Nodes. */
const NODES_MAX = 5_000

/** Judges for each Node a CSR for all that it reports, as if each mode was on, and lists whom it would refuse. Writes nothing. */
export async function rehearse(options: DoctorOptions, context: Context): Promise<void> {
  await onClusters(options, context, async (session, show) => {
    const policy = await policyFor(null, session)
    if (!policy.ok) return policy.problem
    const looking = await lookingFrom(context, session, policy)
    await show('reading Nodes, CSRs and the ledger')
    await using judging = await judgingNow(session, { rules: policy.rules, looking })
    const problem = judging.problem()
    if (problem !== null) return { message: problem, exitCode: EXIT.notSeen }
    const all = [...judging.informers.nodes.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1))
    const nodes = all.slice(0, NODES_MAX)
    let done = 0
    const rehearsed = await inParallel(nodes, async (node) => {
      const one = await rehearseOne(node, judging, policy.rules, session.cluster.clock.serverNow())
      await show(`looked at ${(done += 1)} of ${nodes.length} Nodes`)
      return one
    })
    const result = { looking, rehearsed, left: all.length - nodes.length }
    return {
      json: jsonOf(result),
      text: (output) => textOf(result, output),
      names: [],
      isWell: rehearsed.every(({ verdicts }) => modes.every((mode) => verdicts[mode].verdict === 'approved')),
    }
  })
}

async function rehearseOne(
  node: NodeFacts,
  { judge }: Pick<Judging, 'judge'>,
  rules: Rules,
  now: number,
): Promise<Rehearsed> {
  const username = nodeUser(node.name)
  const names = [...node.names, ...node.addresses.map(formatAddress)]
  const request = requestIn(writeRequest({ commonName: username, organization: NODES_GROUP, names }))
  const groups = [NODES_GROUP, 'system:authenticated']
  const read = subjectOfManifest({ spec: { request, username, groups } }, now)
  const verdictOf = async (mode: Mode): Promise<Verdict> => {
    if (!read.ok) return { verdict: 'notSeen', message: read.problem.message }
    const input = { purpose: 'approve', ...read.subject.reading, caller: null } as const
    return classify((await judge(input, withProof(rules, mode))).decision)
  }
  // One after the other: what was seen for the first serves the second.
  const auto = await verdictOf('auto')
  return { node: node.name, verdicts: { auto, require: await verdictOf('require') } }
}

function withProof(rules: Rules, addresses: Mode): Rules {
  const change = (one: Rules): Rules => {
    const proof = { ...one.settings.proof, addresses }
    return { ...one, settings: { ...one.settings, proof } }
  }
  const pools = rules.pools.map((pool) => ({ ...pool, rules: change(pool.rules) }))
  return { ...change(rules), pools }
}

/** What is decided about its addresses, whatever else is in the way. */
function classify({ message, findings }: Decision): Verdict {
  const ofAddresses = findings.filter(({ code }) => code === 'AddressContested' || code === 'AddressUnproven')
  const refused = ofAddresses.find(({ outcome }) => outcome === 'notYet')
  if (refused !== undefined) return { verdict: 'refused', message: `${refused.code}: ${refused.detail}` }
  const isSeen = ofAddresses.length > 0 && ofAddresses.every(({ outcome }) => outcome === 'pass')
  return isSeen ? { verdict: 'approved', message: '' } : { verdict: 'notSeen', message }
}
