/** `npm run demo`: a real control plane, honest kubelets, a compromised node; the webhook, then the controller alone. */
import { parseArgs } from 'node:util'
import { play } from '../scenarios/run.ts'
import type { Row } from '../scenarios/rows.ts'
import { createNarrator } from './narrator.ts'
import { summarize } from './summary.ts'
import { renderTable } from './table.ts'

const { values } = parseArgs({ options: { output: { type: 'string', default: 'text' } } })

if (values.output !== 'text' && values.output !== 'json') {
  process.stderr.write(`--output is text or json, not ${values.output}\n`)
  process.exitCode = 2
} else {
  const rows = await play(createNarrator(process.stderr))
  process.exitCode = conclude(rows, values.output)
}

function conclude(rows: readonly Row[], output: 'text' | 'json'): number {
  const summary = summarize(rows)
  if (output === 'json') process.stdout.write(`${JSON.stringify({ ...summary, rows }, null, 2)}\n`)
  else process.stdout.write(`${renderTable(rows, process.stdout.isTTY)}\n${summary.lines.join('\n')}\n`)
  return summary.asItMustBe ? 0 : 1
}
