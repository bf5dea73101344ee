/** `npm run demo`: honest kubelets and a compromised node on a real control plane, with the webhook and without it. */
import { readArguments, refuseArguments } from '../kit/command-line.ts'
import { runScenarios } from '../scenarios/run.ts'
import type { Row } from '../scenarios/rows.ts'
import { createProgress } from './progress.ts'
import { summarize } from './summary.ts'
import { renderTable } from './table.ts'

const HELP = `
npm run demo [-- --output text|json]

Honest kubelets and a compromised node on a real control plane of this machine, with the webhook and without it. About
a minute; the first run also obtains Kubernetes. Exit code 0 when every result is as expected.
`

const { values } = readArguments(HELP, { options: { output: { type: 'string', default: 'text' } } })

if (values.output !== 'text' && values.output !== 'json')
  refuseArguments(HELP, `--output is text or json, not ${values.output}`)
process.exitCode = conclude(await runScenarios(createProgress(process.stderr)), values.output)

function conclude(rows: readonly Row[], output: 'text' | 'json'): number {
  const summary = summarize(rows)
  if (output === 'json') process.stdout.write(`${JSON.stringify({ ...summary, rows }, null, 2)}\n`)
  else process.stdout.write(`${renderTable(rows)}\n${summary.lines.join('\n')}\n`)
  return summary.asItMustBe ? 0 : 1
}
