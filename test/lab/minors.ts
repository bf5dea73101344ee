/** `npm run minors`: everything that makes us say which minors of Kubernetes we support, and that Helm 3 will do. */
import { parseArgs } from 'node:util'
import { KUBERNETES, type Minor, MINOR_VARIABLE, minors } from '../binaries/versions.ts'
import { type Proof, renderProofs } from './minors/proof.ts'
import { prove } from './minors/prove.ts'

const { values } = parseArgs({
  options: {
    output: { type: 'string', default: 'text' },
    minor: { type: 'string', multiple: true, default: [...minors] },
  },
})
const chosen = minors.filter((minor) => values.minor.includes(minor))

if (chosen.length < new Set(values.minor).size || !['text', 'json'].includes(values.output)) {
  process.stderr.write(`usage: npm run minors -- [--minor ${minors.join('|')}]... [--output text|json]\n`)
  process.exitCode = 2
} else {
  process.exitCode = conclude(await proveAll(chosen))
}

async function proveAll(named: readonly Minor[]): Promise<readonly Proof[]> {
  const proofs: Proof[] = []
  for (const minor of named) {
    process.env[MINOR_VARIABLE] = minor
    const tell = (line: string): void => void process.stderr.write(`${KUBERNETES[minor]}: ${line}\n`)
    proofs.push(await prove(minor, tell))
  }
  return proofs
}

function conclude(proofs: readonly Proof[]): number {
  const proven = proofs.every(({ problems }) => problems.length === 0)
  const json = (): string => JSON.stringify({ proven, proofs }, null, 2)
  process.stdout.write(`${values.output === 'json' ? json() : renderProofs(proofs)}\n`)
  return proven ? 0 : 1
}
