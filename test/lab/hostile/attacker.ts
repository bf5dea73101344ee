/** The attacker's own process: one input, for so many seconds; what came of it is its last line. */
import { readFile } from 'node:fs/promises'
import { once, setMaxListeners } from 'node:events'
import type { Targets } from './input.ts'
import { hostileInputs } from './inputs.ts'

const [name = '', targetsFile = '', seconds = ''] = process.argv.slice(2)
const input = hostileInputs.find((one) => one.name === name)
if (input === undefined) throw new Error(`there is no input ${name}`)
const targets: Targets = JSON.parse(await readFile(targetsFile, 'utf8'))
const outcomes: Record<string, number> = {}
const note = (outcome: string): void => {
  outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
}
const signal = AbortSignal.timeout(Number(seconds) * 1_000)
setMaxListeners(0, signal)
await Promise.race([input.run({ signal, targets, note }), once(signal, 'abort')])
process.stdout.write(`\n${JSON.stringify(outcomes)}\n`)
// What is still open ends here.
process.exit(0)
