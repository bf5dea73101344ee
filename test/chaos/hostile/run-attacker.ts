/** The attacker as a child at the lowest priority, so that what it befalls has the CPU. */
import { join } from 'node:path'
import { writeFile } from 'node:fs/promises'
import { isObject } from '../../kit/client.ts'
import { startChild } from '../../kit/child.ts'
import { until } from '../../kit/until.ts'
import { ATTACKING, type HostileInput, type Targets } from './input.ts'

const PROGRAM = join(import.meta.dirname, 'attacker.ts')
const STARTED_MS = 60_000
/** To end by itself. */
const GRACE_MS = 10_000

/** How often each came of an attempt: a status, an error's code, an event. */
export type Outcomes = Readonly<Record<string, number>>

/** Attacks from its start until `over` resolves. An attacker that fails has shown nothing: it rejects then. */
export async function runAttacker(
  directory: string,
  { name }: Pick<HostileInput, 'name'>,
  targets: Targets,
  over: () => Promise<void>,
): Promise<Outcomes> {
  const targetsFile = join(directory, `targets-${name}.json`)
  await writeFile(targetsFile, JSON.stringify(targets), { mode: 0o600 })
  await using child = startChild({
    name: `the attacker ${name}`,
    path: 'nice',
    args: ['-n', '19', process.execPath, PROGRAM, name, targetsFile],
    logFile: join(directory, `attacker-${name}-${Date.now()}.log`),
  })
  await until(async () => (await child.tail()).includes(ATTACKING), `${child.name} attacks`, STARTED_MS)
  await over()
  await child.stop(GRACE_MS)
  const tail = await child.tail()
  const counts: unknown = child.ended() === 0 ? JSON.parse(tail.split('\n').at(-1) ?? '') : null
  if (!isObject(counts)) throw new Error(`${child.name} ended with ${child.ended()}:\n${tail}`)
  return Object.fromEntries(Object.entries(counts).map(([outcome, count]) => [outcome, Number(count)]))
}
