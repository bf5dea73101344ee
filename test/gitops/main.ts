/** `npm run gitops`: a whole day of each installation, and whether anything drifted. Exit code 0 only if nothing did. */
import { readArguments, refuseArguments } from '../kit/command-line.ts'
import { Proof } from '../e2e/proof.ts'
import { type Installation, installations } from './installations.ts'
import { proveDay } from './prove-day.ts'

const HELP = `
npm run gitops [-- --only NAME]

Renders the chart, applies it as Argo CD and Flux do, runs its pods as processes on a control plane of this machine, and lives
a day: nodes are certified, certificates renewed, the CA replaced, the leader changed, Secret and Lease lost, the release
upgraded and brought back. After each step, a server-side diff must be empty. About two minutes for each installation.
  --only  one of: ${installations.map(({ name }) => name).join(', ')}
`

const { values } = readArguments(HELP, { options: { only: { type: 'string' } } })
const chosen = installations.filter(
  ({ name }: Installation) => values.only === undefined || name === values.only,
)
if (chosen.length === 0) refuseArguments(HELP, `--only does not know ${values.only}`)

const proof = new Proof((text) => process.stdout.write(text))
try {
  for (const installation of chosen) await proveDay(proof, installation)
} catch (error) {
  proof.fail(error)
}
process.exitCode = proof.conclude() ? 0 : 1
