import type { Judge } from '../ports.ts'
import { type BootstrapJudge, createBootstrapJudge } from './bootstrap.ts'
import { createJudge, type JudgeParts, judgeWhenCurrent } from './judge.ts'

/** Who judges what. All draw on the same facts. */
export interface Judges {
  /** CSRs that are created, and those that wait. */
  readonly judge: Judge
  /** CSRs that somebody else approves. */
  readonly judgeApproval: Judge
  /** CSRs of bootstrap identities. */
  readonly judgeBootstrap: BootstrapJudge
}

export function createJudges(parts: JudgeParts): Judges {
  const judge = createJudge(parts)
  return {
    judge,
    judgeApproval: judgeWhenCurrent(judge, parts.gatherer, parts.clock),
    judgeBootstrap: createBootstrapJudge(parts),
  }
}
