import { decideWithoutChecks, evaluate, ignoreReason } from '../../policies/evaluate.ts'
import { checks } from '../../policies/index.ts'
import { quoted } from '../../policies/text.ts'
import type { Rules } from '../../policies/rules.ts'
import type { Decision, Facts, Fault, ParsedRequest } from '../../policies/types.ts'
import type { Clock, Judge, Judgement, Log, Subject } from '../ports.ts'
import type { ClusterGatherer, Freshness } from './gather.ts'

export interface JudgeParts {
  readonly gatherer: ClusterGatherer
  readonly read: (request: string) => ParsedRequest | Fault
  readonly rules: () => Rules
  readonly clock: Clock
  readonly log: Log
}

const NOT_READ: Fault = { readable: false, code: 'NotRead', at: 0, message: 'the request was not read' }

/**
 * The one judgement of both components: gather, evaluate, stage by stage; what an earlier stage settles costs no look-up.
 * The controller approves on a live Node only. The webhook admits on a watched one, since admitting grants nothing,
 * and refuses as not yet conforming on a live one only, since a watch may lag behind a kubelet that has just joined.
 */
export function createJudge(parts: JudgeParts): Judge {
  return async (subject) => {
    try {
      return await judge(subject, parts)
    } catch (error) {
      return failed(subject, parts, error)
    }
  }
}

async function judge(subject: Subject, { gatherer, read, rules, clock }: JudgeParts): Promise<Judgement> {
  const judged = (facts: Facts): Judgement => ({ facts, decision: evaluate(facts, rules(), checks) })
  const facts = undecided(subject, clock)
  if (ignoreReason(subject.csr) !== null) return judged(facts)
  const request = read(subject.request)
  const first = judged({ ...facts, request })
  if (!request.readable || isSettled(first.decision)) return first
  const gathered = async (freshness: Freshness): Promise<Judgement> =>
    judged({ ...facts, request, cluster: await gatherer.gather(subject, request, freshness) })
  if (subject.component === 'controller') return gathered('live')
  const watched = await gathered('watched')
  return watched.decision.verdict === 'notYet' && !gatherer.isCurrent() ? gathered('live') : watched
}

function undecided({ component, csr, caller }: Subject, clock: Clock): Facts {
  return { component, now: clock.serverNow(), csr, caller, request: NOT_READ, cluster: null }
}

/** Verdicts that no further fact can change. */
function isSettled({ verdict }: Decision): boolean {
  return verdict === 'deny' || verdict === 'ignore' || verdict === 'error'
}

/** A throw is a bug: it approves nothing and says so. */
function failed(subject: Subject, { rules, clock, log }: JudgeParts, error: unknown): Judgement {
  log.error({ err: error, csr: quoted(subject.csr.name) }, 'judgement failed')
  return { facts: undecided(subject, clock), decision: decideWithoutChecks('InternalError', rules().hash) }
}
