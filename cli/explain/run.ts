import { stat } from 'node:fs/promises'
import { failWith } from '../command.ts'
import type { Context } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import type { ExplainOptions } from './options.ts'
import { writeResult } from '../output/format.ts'
import { explainFile } from './file.ts'
import { explainLive } from './live.ts'
import { namedBy } from './named.ts'
import { jsonOf } from './result.ts'
import { textOf } from './text.ts'

/** Explains one CSR, and sets the exit code by what the controller decides. */
export async function explain(given: string, options: ExplainOptions, context: Context): Promise<void> {
  const named = namedBy(given, await isFile(given))
  const explaining =
    named.kind === 'file'
      ? await explainFile(named.name, options, context.stdin)
      : await explainLive(named, options, context)
  if (!explaining.ok) return await failWith(explaining.problem, context)
  const { explained } = explaining
  const json = jsonOf(explained)
  await writeResult(
    { json, text: (output, wide) => textOf(explained, output, wide) },
    options.output,
    context.stdout,
  )
  context.finish(explained.explanation.controller.decision.verdict === 'approve' ? EXIT.ok : EXIT.finding)
}

async function isFile(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => !found.isDirectory(),
    () => false,
  )
}
