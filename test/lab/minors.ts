/** Everything that makes us say which minors of Kubernetes we support, and that Helm 3 will do. */
import { KUBERNETES, type Minor, MINOR_VARIABLE, minors } from '../binaries/versions.ts'
import { readArguments, refuseArguments } from '../kit/command-line.ts'
import { type Proof, renderProofs } from './minors/proof.ts'
import { prove } from './minors/prove.ts'

const HELP = `
npx node test/lab/minors.ts [--minor ${minors.join('|')}]... [--output text|json]

Tries the chart with Helm 4 and Helm 3, the manifests, the scenarios of the demo, and certificates of mutated requests
on a control plane of each supported minor of Kubernetes. About 5 minutes each, and as long again where it has to be built.
`

const { values } = readArguments(HELP, {
  options: {
    output: { type: 'string', default: 'text' },
    minor: { type: 'string', multiple: true, default: [...minors] },
  },
})
const chosen = minors.filter((minor) => values.minor.includes(minor))

if (chosen.length < new Set(values.minor).size)
  refuseArguments(HELP, `--minor is one of ${minors.join(', ')}`)
if (!['text', 'json'].includes(values.output)) refuseArguments(HELP, '--output is text or json')
process.exitCode = conclude(await proveAll(chosen))

async function proveAll(named: readonly Minor[]): Promise<readonly Proof[]> {
  const proofs: Proof[] = []
  for (const minor of named) {
    process.env[MINOR_VARIABLE] = minor
    const print = (line: string): void => void process.stderr.write(`${KUBERNETES[minor]}: ${line}\n`)
    proofs.push(await prove(minor, print))
  }
  return proofs
}

function conclude(proofs: readonly Proof[]): number {
  const proven = proofs.every(({ problems }) => problems.length === 0)
  const json = (): string => JSON.stringify({ proven, proofs }, null, 2)
  process.stdout.write(`${values.output === 'json' ? json() : renderProofs(proofs)}\n`)
  return proven ? 0 : 1
}
