import { failWith } from '../command.ts'
import type { Context } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import type { ExplainOptions } from './options.ts'
import { writeResult } from '../output/format.ts'
import { explainFile } from './file.ts'
import { explainLive } from './live.ts'
import { jsonOf } from './result.ts'
import { textOf } from './text.ts'

const LIVE = /^(?:csr|certificatesigningrequests?(?:\.certificates\.k8s\.io)?)\/(?<name>.+)$/u

/** Explains one CSR, and sets the exit code by what the controller decides. */
export async function explain(named: string, options: ExplainOptions, context: Context): Promise<void> {
  const name = LIVE.exec(named)?.groups?.['name']
  const explaining =
    name === undefined
      ? await explainFile(named, options, context.stdin)
      : await explainLive(name, options, context.env)
  if (!explaining.ok) return await failWith(explaining.problem, context)
  const { explained } = explaining
  const json = jsonOf(explained)
  await writeResult({ json, text: (output) => textOf(explained, output) }, options.output, context.stdout)
  context.finish(explained.explanation.controller.decision.verdict === 'approve' ? EXIT.ok : EXIT.finding)
}
