import { failWith, type FormatOptions } from '../../command.ts'
import type { Context, Output } from '../../context.ts'
import { EXIT } from '../../exit-codes.ts'
import { writeResult } from '../../output/format.ts'
import { type Cell, table } from '../../output/table.ts'
import { type Judged, judgeFile } from './judge.ts'

const columns = [
  { title: 'RESULT' },
  { title: 'CASE', cut: 'end' },
  { title: 'EXPECTED' },
  { title: 'DECISION' },
  { title: 'MESSAGE', cut: 'end' },
] as const

/** Compares the decisions on the cases of some files with the expected ones. */
export async function testPolicies(
  files: readonly string[],
  { output }: FormatOptions,
  context: Context,
): Promise<void> {
  const judged: Judged[] = []
  for (const file of files) {
    const read = await judgeFile(file)
    if (!read.ok) return await failWith({ message: read.faults.join('\n'), exitCode: EXIT.usage }, context)
    judged.push(...read.judged)
  }
  if (judged.length === 0)
    return await failWith({ message: 'there are no cases', exitCode: EXIT.usage }, context)
  await writeResult({ json: jsonOf(judged), text: textOf.bind(null, judged) }, output, context.stdout)
  context.finish(judged.every(({ ok }) => ok) ? EXIT.ok : EXIT.finding)
}

function textOf(judged: readonly Judged[], output: Output): string {
  const rows = judged.map(({ one, decision, ok }): Cell[] => [
    ok ? { text: 'ok', tone: 'good' } : { text: 'MISMATCH', tone: 'bad' },
    one.name,
    wordsOf(one.expect, one.reason),
    wordsOf(decision.verdict, decision.reason),
    decision.message,
  ])
  const mismatches = judged.filter(({ ok }) => !ok).length
  return `${table(columns, rows, output)}\n${judged.length} cases, ${mismatches} mismatches\n`
}

const wordsOf = (verdict: string, reason: string | null): string =>
  reason === null || verdict === 'approve' ? verdict : `${verdict} ${reason}`

/** The shape that docs/policy-cli.md lists. */
function jsonOf(judged: readonly Judged[]): object {
  return {
    cases: judged.map(({ file, one: { name, expect, reason }, decision, ok }) => ({
      file,
      name,
      ok,
      expected: { verdict: expect, reason },
      decision: { verdict: decision.verdict, reason: decision.reason, message: decision.message },
    })),
    mismatches: judged.filter(({ ok }) => !ok).length,
  }
}
