/** `npm run demo`: honest kubelets and a compromised node, with the webhook and without it. */
import { LIMITS } from '../embedded/api.ts'
import { readArguments, refuseArguments } from '../kit/command-line.ts'
import { embedded, kubernetes } from '../suite/grounds.ts'
import { runSuite } from '../suite/run.ts'
import type { Row } from '../suite/rows.ts'
import { createProgress } from './progress.ts'
import { summarize } from './summary.ts'
import { renderTable } from './table.ts'

const HELP = `
npm run demo [-- --kubernetes] [--output text|json]

Honest kubelets and a compromised node, with the webhook and without it, on an API server within the demo. Half a minute.
  --kubernetes  on a real etcd, kube-apiserver and kube-controller-manager of this machine. About a minute; the first run
                also downloads them, or builds them with Go
Exit code 0 when every result is as expected.
`

const { values } = readArguments(HELP, {
  options: {
    output: { type: 'string', default: 'text' },
    kubernetes: { type: 'boolean', default: false },
  },
})

if (values.output !== 'text' && values.output !== 'json')
  refuseArguments(HELP, `--output is text or json, not ${values.output}`)
const progress = createProgress(process.stderr)
if (!values.kubernetes) progress.say(LIMITS)
process.exitCode = conclude(
  await runSuite(values.kubernetes ? kubernetes : embedded, progress),
  values.output,
)

function conclude(rows: readonly Row[], output: 'text' | 'json'): number {
  const summary = summarize(rows)
  if (output === 'json') process.stdout.write(`${JSON.stringify({ ...summary, rows }, null, 2)}\n`)
  else process.stdout.write(`${renderTable(rows)}\n${summary.lines.join('\n')}\n`)
  return summary.asItMustBe ? 0 : 1
}
