import { parsePolicyOrValues, readPolicyText } from '../../server/policy/load.ts'
import { failWith } from '../command.ts'
import type { Context } from '../context.ts'
import { EXIT } from '../exit-codes.ts'

/** Lists all faults of a policy on stdout, a line each: `FILE:LINE:COLUMN setting: problem`; without any, its hash. */
export async function validatePolicy(file: string, context: Context): Promise<void> {
  const read = await readPolicyText(file)
  if (!read.ok) return await failWith({ message: `${file}: ${read.problem}`, exitCode: EXIT.usage }, context)
  const loaded = await parsePolicyOrValues(read.text, file)
  const lines = loaded.ok ? [`${file}: no faults, hash ${loaded.rules.hash}`] : loaded.faults
  await context.stdout.write(`${lines.join('\n')}\n`)
  context.finish(loaded.ok ? EXIT.ok : EXIT.finding)
}
