/** What strangers, hostile nodes and token holders cost honest kubelets: one input after another, with figures. */
import { resolveBinaries } from '../binaries/resolve.ts'
import { readArguments, refuseArguments } from '../kit/command-line.ts'
import { inColumns } from '../kit/columns.ts'
import { runAgainAlone } from '../kit/alone.ts'
import { hostileInputs } from './hostile/inputs.ts'
import type { HostileInput } from './hostile/input.ts'
import { measureInputs } from './hostile/measure.ts'
import { faultsOf, LEGEND, renderRow, renderTable, type Row } from './hostile/row.ts'

const HELP = `
npx node test/lab/hostile.ts [--only NAME]... [--seconds 60] [--kubelets 50] [--failure-policy Ignore|Fail]
                             [--output text|json] [--list]

Runs the shipped program as a webhook and a controller, each with the chart's memory limit, on a real control plane.
While each hostile input lasts, honest kubelets join. Needs root, for memory cgroups. Runs in a network of its own.
  --only            this input only; --list tells their names
  --seconds         of each input
  --kubelets        that join while each lasts
  --failure-policy  of the webhook's registration
Exit code 1 when a process ended, a probe failed, an honest kubelet was not approved, or the honest p99 was more than
250 ms over the quiet one.
`

const { values } = readArguments(HELP, {
  options: {
    only: { type: 'string', multiple: true, default: [] },
    seconds: { type: 'string', default: '60' },
    kubelets: { type: 'string', default: '50' },
    'failure-policy': { type: 'string', default: 'Ignore' },
    output: { type: 'string', default: 'text' },
    list: { type: 'boolean', default: false },
    // Set by this program only, for itself within the network.
    alone: { type: 'boolean', default: false },
  },
})

if (values.list)
  print(inColumns(hostileInputs.map(({ name, against, does }) => [name, against, does])).join('\n'))
else process.exitCode = values.alone ? await main() : await alone()

/** Runs this program again in a network of its own, since the controller dials the addresses of nodes. */
async function alone(): Promise<number> {
  // What may have to be fetched is, while there is a network.
  await resolveBinaries(['etcd', 'kube-apiserver', 'kube-controller-manager'])
  return await runAgainAlone({ hosts: '127.0.0.1 localhost\n', local: ['10.0.0.0/8'] })
}

async function main(): Promise<number> {
  const { 'failure-policy': failurePolicy, output } = values
  if (failurePolicy !== 'Ignore' && failurePolicy !== 'Fail')
    refuseArguments(HELP, `--failure-policy is Ignore or Fail, not ${failurePolicy}`)
  if (output !== 'text' && output !== 'json') refuseArguments(HELP, `--output is text or json, not ${output}`)
  const rows: Row[] = []
  await measureInputs({
    inputs: values.only.length === 0 ? hostileInputs : values.only.map(inputCalled),
    seconds: count('seconds'),
    kubelets: count('kubelets'),
    failurePolicy,
    proof: 'warn',
    onRow: (row) => {
      rows.push(row)
      process.stderr.write(`${renderRow(row)}\n`)
    },
  })
  return conclude(rows, output)
}

function conclude([quiet, ...rows]: readonly Row[], output: 'text' | 'json'): number {
  if (quiet === undefined) throw new Error('nothing was measured')
  const faults = rows.flatMap((row) => faultsOf(row, quiet).map((fault) => `${row.name}: ${fault}`))
  if (output === 'json') print(JSON.stringify({ quiet, rows, faults }, null, 2))
  else print([renderTable([quiet, ...rows]), LEGEND, ...faults].join('\n'))
  return faults.length > 0 ? 1 : 0
}

function inputCalled(name: string): HostileInput {
  return (
    hostileInputs.find((input) => input.name === name) ??
    refuseArguments(HELP, `--only: there is no input ${name}; --list tells their names`)
  )
}

function count(option: 'seconds' | 'kubelets'): number {
  const text = values[option]
  return /^[1-9]\d{0,3}$/.test(text)
    ? Number(text)
    : refuseArguments(HELP, `--${option}: ${text} is not a count`)
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
