import { decideWithoutChecks, evaluate, ignoreReason } from '../../policies/evaluate.ts'
import { checks } from '../../policies/index.ts'
import { quoted } from '../../policies/text.ts'
import type { Rules } from '../../policies/rules.ts'
import type { Decision, Facts, Fault, ParsedRequest } from '../../policies/types.ts'
import type { Clock, Judge, Judgement, Log, JudgeInput } from '../ports.ts'
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
 * Creates the judge that the webhook and the controller share. It gathers and evaluates stage by stage, so that a verdict
 * of an earlier stage needs no API call.
 * The controller approves based on a live Node only. The webhook admits based on a watched Node, since admission grants
 * nothing. It refuses as not yet conforming based on a live Node only, since a watch may lag behind a node that just joined.
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

async function judge(subject: JudgeInput, { gatherer, read, rules, clock }: JudgeParts): Promise<Judgement> {
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

function undecided({ component, csr, caller }: JudgeInput, clock: Clock): Facts {
  return { component, now: clock.serverNow(), csr, caller, request: NOT_READ, cluster: null }
}

/** Whether no further fact can change the verdict. */
function isSettled({ verdict }: Decision): boolean {
  return verdict === 'deny' || verdict === 'ignore' || verdict === 'error'
}

/** The judgement after an exception, which is a bug. It approves nothing. */
function failed(subject: JudgeInput, { rules, clock, log }: JudgeParts, error: unknown): Judgement {
  log.error({ err: error, csr: quoted(subject.csr.name) }, 'judging a CSR failed')
  return { facts: undecided(subject, clock), decision: decideWithoutChecks('InternalError', rules().hash) }
}
