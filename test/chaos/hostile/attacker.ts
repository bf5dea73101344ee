/** The attacker's own process: one input, until SIGTERM; what came of it is its last line. */
import { readFile } from 'node:fs/promises'
import { once, setMaxListeners } from 'node:events'
import { ATTACKING, type Targets } from './input.ts'
import { hostileInputs } from './inputs.ts'

const [name = '', targetsFile = ''] = process.argv.slice(2)
const input = hostileInputs.find((one) => one.name === name)
if (input === undefined) throw new Error(`there is no input ${name}`)
const targets: Targets = JSON.parse(await readFile(targetsFile, 'utf8'))
const outcomes: Record<string, number> = {}
const note = (outcome: string): void => {
  outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
}
const ending = new AbortController()
const { signal } = ending
setMaxListeners(0, signal)
process.once('SIGTERM', () => ending.abort())
process.stdout.write(`${ATTACKING}\n`)
const over = once(signal, 'abort')
await Promise.race([input.run({ signal, targets, note }), over])
// One that is done before waits, so that its connections stay.
await over
process.stdout.write(`\n${JSON.stringify(outcomes)}\n`)
// What is still open ends here.
process.exit(0)
