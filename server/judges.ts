import type { NodeFacts } from '../policies/types.ts'
import type { Clock, Judge, Picture, Store } from './ports.ts'
import { type BootstrapJudge, createBootstrapJudge } from './facts/bootstrap.ts'
import { aborted, createJudge, type JudgeParts, sharedRefresh } from './judge.ts'
import { NewNodes } from './facts/new-nodes.ts'

/** Who judges what. All draw on the same facts. */
export interface Judges {
  /** CSRs that are created, and those that wait. */
  readonly judge: Judge
  /** CSRs that somebody else approves. */
  readonly judgeApproval: Judge
  /** CSRs of bootstrap identities. */
  readonly judgeBootstrap: BootstrapJudge
}

type JudgesParts = Omit<JudgeParts, 'newNodes'> & { readonly nodes: Store<NodeFacts> }

export function createJudges(parts: JudgesParts): Judges {
  const judge = createJudge({ ...parts, newNodes: new NewNodes(parts.nodes, parts.clock) })
  return {
    judge,
    judgeApproval: judgeWhenCurrent(judge, parts.gatherer, parts.clock),
    judgeBootstrap: createBootstrapJudge(parts),
  }
}

/**
 * For those who ask once, and do not wait for the facts as the controller does: has what is out of date read again, once in
 * the time for which it is then current.
 */
export function judgeWhenCurrent(
  judgeNow: Judge,
  picture: Pick<Picture, 'refresh'>,
  clock: Pick<Clock, 'monotonic'>,
): Judge {
  const refresh = sharedRefresh(picture, clock)
  return async (input, rules) => {
    const judgement = await judgeNow(input, rules)
    if (judgement.decision.verdict !== 'unknown') return judgement
    await Promise.race([refresh(), aborted(input.signal)])
    return await judgeNow(input, rules)
  }
}
