import { shown } from '../../policies/text.ts'
import type { Verdict } from '../../policies/types.ts'
import { judgePending } from '../../server/explain.ts'
import type { InstalledLedger } from '../../server/ledger/open-ledger.ts'
import type { ApproveOptions } from './options.ts'
import type { Policy } from '../cluster/policy.ts'
import { judgingNow } from '../cluster/judging.ts'
import type { Session } from '../cluster/session.ts'
import { type Looking, lookedWords } from '../cluster/looking.ts'
import type { Context, Output } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { writeResult } from '../output/format.ts'
import type { Tone } from '../output/style.ts'
import { table } from '../output/table.ts'
import { waiving } from './waiving.ts'

interface DryRun {
  readonly session: Session
  readonly policy: Policy
  readonly ledger: InstalledLedger
  readonly looking: Looking | null
  readonly options: ApproveOptions
  readonly context: Context
}

const columns = [
  { title: 'CSR' },
  { title: 'REQUESTER', cut: 'middle' },
  { title: 'VERDICT' },
  { title: 'MESSAGE', cut: 'end' },
] as const

/** Shows the decision on each pending CSR. The exit code is 0 if all would be approved. */
export async function dryRun({ session, policy, ledger, looking, options, context }: DryRun): Promise<void> {
  const { rules, source } = policy
  await using judging = await judgingNow(session, { rules, looking, ledger })
  const judge = waiving(options.unproven, judging.judge)
  const judged = await judgePending({ ...judging, judge }, rules, wantedIn(options.node))
  const decisions = judged.map(({ facts: { csr }, decision: { verdict, reason, message } }) => ({
    csr: csr.name,
    username: csr.requester.username,
    verdict,
    reason,
    message,
  }))
  const rows = decisions.map(({ csr, username, verdict, message }) => [
    csr,
    username,
    { text: verdict, tone: toneOf(verdict) },
    message,
  ])
  const text = (output: Output): string =>
    rows.length === 0
      ? 'No CSR is pending.\n'
      : `${table(columns, rows, output)}\nlooked   ${lookedWords(looking)}\n`
  const json = { policy: { source: shown(source), hash: rules.hash }, looked: looking, decisions }
  await writeResult({ json, text }, options.output, context.stdout)
  context.finish(decisions.every(({ verdict }) => verdict === 'approve') ? EXIT.ok : EXIT.finding)
}

const toneOf = (verdict: Verdict): Tone => (verdict === 'approve' ? 'good' : 'bad')

/** Whether a node was named; every node, if none was. */
export function wantedIn(names: readonly string[]): (node: string) => boolean {
  const named = new Set(names)
  return (node) => named.size === 0 || named.has(node)
}
