/** What other approvers make of the same requests, each alone on a real control plane. */
import { resolveBinaries } from '../binaries/resolve.ts'
import { versionOf } from '../binaries/versions.ts'
import { readArguments, refuseArguments } from '../kit/command-line.ts'
import { runAlone } from './compare/alone.ts'
import { otherContenders, ours } from './compare/contenders.ts'
import type { Contender } from './compare/contender.ts'
import { measure } from './compare/measure.ts'
import { hostsFile } from './compare/owners.ts'
import { renderLines } from './compare/table.ts'
import type { Line } from './compare/table.ts'
import { isAsItMustBe } from './compare/tally.ts'
import type { Figures } from './compare/tally.ts'

const HELP = `
npx node test/lab/compare.ts [--output text|json]

Asks each approver for the same certificates, alone on a real control plane of this machine, in namespaces of its own.
The other approvers are found in the folder KUBELET_CSR_GATE_BINARIES or on PATH; test/lab/compare/README.md names them.
Exit code 0 when our own figures are as expected.
`

const { values } = readArguments(HELP, {
  options: {
    output: { type: 'string', default: 'text' },
    // Set by this program only, for itself within the namespaces.
    alone: { type: 'boolean', default: false },
  },
})

if (values.output !== 'text' && values.output !== 'json')
  refuseArguments(HELP, `--output is text or json, not ${values.output}`)
if (values.alone) {
  process.exitCode = await compare(values.output)
} else {
  // What may have to be built or fetched is, while there is a network.
  await resolveBinaries(['etcd', 'kube-apiserver', 'kube-controller-manager'])
  const again = [process.execPath, import.meta.filename, '--alone', `--output=${values.output}`]
  process.exitCode = await runAlone(again, { hosts: hostsFile() })
}

/** 0 when ours is as it must be; what others do is a figure. */
async function compare(output: 'text' | 'json'): Promise<number> {
  const lines: Line[] = []
  for (const contender of [ours, ...(await otherContenders())]) {
    const { name, told, version } = contender
    process.stderr.write(`${name} ${version ?? 'is not here'}: ${told}\n`)
    lines.push({ name, told, version, figures: await figuresOf(contender) })
  }
  const [line] = lines
  const asItMustBe = typeof line?.figures === 'object' && isAsItMustBe(line.figures)
  if (output === 'text') process.stdout.write(`${renderLines(lines)}\n`)
  else {
    const day = new Date().toISOString().slice(0, 10)
    const kubernetes = versionOf('kubernetes', process.env)
    process.stdout.write(`${JSON.stringify({ day, kubernetes, asItMustBe, lines }, null, 2)}\n`)
  }
  return asItMustBe ? 0 : 1
}

/** One that cannot be started here does not take the others' figures along. */
async function figuresOf(contender: Contender): Promise<Figures | string> {
  if (contender.version === null) return 'it is in no folder of KUBELET_CSR_GATE_BINARIES and not on PATH'
  try {
    return await measure(contender)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
