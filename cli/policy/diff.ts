import { policyOfFile } from '../cluster/policy.ts'
import { failWith, type FormatOptions } from '../command.ts'
import type { Context, Output } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { writeResult } from '../output/format.ts'
import { type Cell, table } from '../output/table.ts'
import { type Difference, differencesOf } from './differences.ts'

const columns = [
  { title: 'SETTING' },
  { title: 'BEFORE', cut: 'end' },
  { title: 'AFTER', cut: 'end' },
  { title: 'CHANGE' },
  { title: 'MEANING', cut: 'end' },
] as const

export async function diffPolicies(
  files: readonly [string, string],
  { output }: FormatOptions,
  context: Context,
): Promise<void> {
  const [before, after] = await Promise.all(files.map((file) => policyOfFile(file)))
  if (before?.ok !== true || after?.ok !== true) {
    const failed = [before, after].find((policy) => policy?.ok === false)
    if (failed?.ok === false) await failWith(failed.problem, context)
    return
  }
  const differences = differencesOf(before.rules.settings, after.rules.settings)
  const hashes = { before: before.rules.hash, after: after.rules.hash }
  const text = (stdout: Output): string => textOf(differences, hashes, stdout)
  await writeResult({ json: { ...hashes, differences }, text }, output, context.stdout)
  context.finish(differences.length === 0 ? EXIT.ok : EXIT.finding)
}

function textOf(
  differences: readonly Difference[],
  { before, after }: { readonly before: string; readonly after: string },
  output: Output,
): string {
  if (differences.length === 0) return `The policies are the same: hash ${after}.\n`
  const rows = differences.map((difference): Cell[] => [
    difference.setting,
    valueText(difference.before),
    valueText(difference.after),
    { text: difference.direction, ...(difference.direction === 'looser' && { tone: 'warning' as const }) },
    difference.meaning,
  ])
  return `${table(columns, rows, output)}\nhash ${before} -> ${after}\n`
}

/** A list shows what only this policy has. */
function valueText(value: unknown): string {
  if (value === undefined) return '-'
  if (Array.isArray(value))
    return value.length === 0 ? '-' : value.map((entry) => valueText(entry)).join(', ')
  return typeof value === 'string' ? value : JSON.stringify(value)
}
