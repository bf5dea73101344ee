/** The attacker as the measuring process has it: a child at the lowest priority, so that what is measured has the CPU. */
import { join } from 'node:path'
import { writeFile } from 'node:fs/promises'
import { isObject } from '../../kit/client.ts'
import { type Child, startChild } from '../../kit/child.ts'
import type { ControlPlane } from '../../control-plane/control-plane.ts'
import type { HostileInput, Targets } from './input.ts'

const PROGRAM = join(import.meta.dirname, 'attacker.ts')
/** For the start and the end of the process. */
const GRACE_MS = 10_000

/** How often each came of an attempt: a status, an error's code, an event. */
export type Outcomes = Readonly<Record<string, number>>

export async function runAttacker(
  { directory }: Pick<ControlPlane, 'directory'>,
  { name }: HostileInput,
  targets: Targets,
  seconds: number,
): Promise<Outcomes> {
  const targetsFile = join(directory, `targets-${name}.json`)
  await writeFile(targetsFile, JSON.stringify(targets), { mode: 0o600 })
  await using child = startChild({
    name: `the attacker ${name}`,
    path: 'nice',
    args: ['-n', '19', process.execPath, PROGRAM, name, targetsFile, String(seconds)],
    logFile: join(directory, `attacker-${name}.log`),
  })
  const timer = setTimeout(() => child.signal('SIGKILL'), seconds * 1_000 + GRACE_MS)
  await child.gone
  clearTimeout(timer)
  return outcomesOf(child)
}

/** An attacker that failed has shown nothing. */
async function outcomesOf(child: Child): Promise<Outcomes> {
  const tail = await child.tail()
  const counts: unknown = child.ended() === 0 ? JSON.parse(tail.split('\n').at(-1) ?? '') : null
  if (!isObject(counts)) throw new Error(`${child.name} ended with ${child.ended()}:\n${tail}`)
  return Object.fromEntries(Object.entries(counts).map(([outcome, count]) => [outcome, Number(count)]))
}
