import { oneLine } from '../../policies/text.ts'
import type { ApproveOptions } from './options.ts'
import type { Policy } from '../cluster/policy.ts'
import type { Session } from '../cluster/session.ts'
import { type Looking, lookedWords } from '../cluster/looking.ts'
import type { Context, Output } from '../context.ts'
import { isServing, type Standing } from '../diagnose/diagnose.ts'
import { writeResult } from '../output/format.ts'
import { styled } from '../output/style.ts'
import { nodeJson } from '../status/result.ts'
import { tableOf } from '../status/text.ts'
import { stageOf } from './news.ts'

export interface Unproven {
  readonly csr: string
  readonly node: string
  /** With each name and address that is unproven. */
  readonly message: string
}

interface Outcome {
  readonly session: Session
  readonly policy: Policy
  readonly standings: readonly Standing[]
  /** What keeps the condition from being met; empty if it is. */
  readonly missing: readonly string[]
  readonly looking: Looking | null
  /** CSRs that were approved without a look. */
  readonly unproven: readonly Unproven[]
  readonly options: ApproveOptions
  readonly context: Context
}

/** Writes how each node stands at the end, and what is missing. */
export async function writeOutcome(outcome: Outcome): Promise<void> {
  const { session, policy, standings, missing, looking, unproven, options, context } = outcome
  const now = session.cluster.clock.serverNow()
  const json = {
    met: missing.length === 0,
    expect: options.expect ?? null,
    serving: standings.filter(isServing).length,
    missing,
    policy: { source: policy.source, hash: policy.rules.hash },
    looked: looking,
    unproven,
    nodes: standings.map((standing) => ({ stage: stageOf(standing), ...nodeJson(standing, now) })),
  }
  const text = (output: Output, wide: boolean): string => textOf(outcome, now, output, wide)
  await writeResult({ json, text }, options.output, context.stdout)
}

const LINE_MAX = 700

function textOf(
  { standings, missing, looking }: Outcome,
  now: number,
  output: Output,
  wide: boolean,
): string {
  const serving = standings.filter(isServing).length
  const all = standings.length === 0 ? '' : `\n${tableOf(standings, now, output, wide)}`
  const line = `${serving} of ${standings.length} nodes serve a certificate of the cluster`
  const lines = missing.map((text) => `missing  ${oneLine(text, LINE_MAX)}\n`)
  return `${all}\n${styled(line, missing.length === 0 ? 'good' : 'bad', output)}\nlooked   ${lookedWords(looking)}\n${lines.join('')}`
}
