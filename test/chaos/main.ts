/** Breaks the product in every way that the table of faults has, and tells what was promised and seen. */
import { setTimeout as sleep } from 'node:timers/promises'
import { startControlPlane } from '../control-plane/control-plane.ts'
import { readArguments, refuseArguments } from '../kit/command-line.ts'
import { inColumns } from '../kit/columns.ts'
import { Machines } from '../kit/kubelet/machines.ts'
import { joined, type Place } from '../kit/kubelet/host.ts'
import { again } from './again.ts'
import { faults, type Stage } from './faults.ts'
import { History } from './history.ts'
import { attacksWith } from './hostile/attacks.ts'
import { takeHold } from './hostile/holdings.ts'
import { hostileInputs } from './hostile/inputs.ts'
import { startProbing } from './hostile/liveness.ts'
import { install } from './installation.ts'
import { interleave } from './interleave.ts'
import { tryPoints } from './points.ts'
import { seededRandom } from '../kit/random.ts'
import { storm } from './storm.ts'
import { keepAsking } from './traffic.ts'
import { IDLE_MS, leaksOf, livenessOf, type Promised, promisesOf } from './truth.ts'

const HELP = `
node test/chaos/main.ts [storm] [--seconds COUNT] [--hours COUNT] [--seed COUNT] [--only TEXT] [--list]
node test/chaos/main.ts hostile [--seconds COUNT] [--hours COUNT] [--seed COUNT] [--only TEXT] [--list]
node test/chaos/main.ts points [--every COUNT] [--lanes COUNT]
node test/chaos/main.ts interleave [--runs COUNT] [--seed COUNT]
node test/chaos/main.ts again [--times COUNT] [--seed COUNT]

again: on the installation of a storm, the leader is killed, asked to stop, and stands still, so many times each, while a kubelet asks;
each webhook is restarted so many times while a hundred CSRs a second are created that fail without it; and the API server is away for
60 s, a quarter as often. Some 25 minutes.
  --times    default 20
  --seed     of the moments; default 1

interleave: two controllers with their informers and Lease, in one process, on a virtual clock: a scheduler says which message goes on
next, while nodes join and lie, and replicas are killed, stopped, paused and cut off. Exit code 1 at the first schedule that ends wrong.
  --runs     schedules; default 1000

points: in the life of a controller on an embedded API server, every request is killed before, killed after, or its answer lost, and
every event of a watch cut off, doubled, or followed by an older one: one fault in each life. Exit code 1 unless each ends in the one
right state: honest nodes served, a liar not, nothing decided twice.
  --every    only each so many-th point; default 1
  --lanes    lives at once; default 3

hostile: as storm, but what befalls them is hostile input: floods of strangers at both ports, of hostile nodes, and of whoever holds a
bootstrap token. A kubelet's probe of each process must not fail meanwhile.

storm:
Runs two webhooks and two controllers, as the image runs them and with the chart's memory limit, on a real control plane. Each
reaches the API server through a door of its own. Honest nodes join and renew, and a hostile one asks for what is not its own, while
one fault after another befalls them. A line for each fault, with the seconds since the start of this program, and then a table: what
was promised, and what was seen.
Needs root, for memory cgroups. Exit code 1 unless every promise is kept.
  --seconds  of faults; default 180
  --seed     the same faults in the same order; default 1
  --only     faults with this text in their name
  --list     the faults
`

const { values, positionals } = readArguments(HELP, {
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '180' },
    hours: { type: 'string' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    list: { type: 'boolean', default: false },
    runs: { type: 'string', default: '1000' },
    every: { type: 'string', default: '1' },
    lanes: { type: 'string', default: '3' },
    times: { type: 'string', default: '20' },
  },
})

/** So long a kubelet waits: longer than any fault lasts, and the leader's Lease after it. */
const PATIENCE_MS = 120_000
/** Their answers show that the network works. */
const PROVEN = 4
/** A run so long also waits until idle connections are closed, and counts what is left. */
const LEAKS_FROM_S = 120
const HEADINGS = '  begins   lasts  where         fault'

const isHostile = positionals[0] === 'hostile'
if (values.list)
  print(
    isHostile
      ? listed(hostileInputs.map(({ name, does }) => [name, does]))
      : listed(faults.map(({ name, on }) => [name, on])),
  )
else if (positionals[0] === 'points') {
  const isRight = await tryPoints({ every: count(values.every), lanes: count(values.lanes), print })
  process.exitCode = isRight ? 0 : 1
} else if (positionals[0] === 'interleave') process.exitCode = await schedules()
else process.exitCode = await onInstallation(positionals[0] === 'again' ? repeated : weather)

interface Installed extends Stage {
  readonly place: Place
  readonly history: History
}

async function onInstallation(run: (installed: Installed) => Promise<readonly Promised[]>): Promise<number> {
  await using cluster = await startControlPlane()
  await using machines = new Machines(cluster.directory)
  await using installation = await install(cluster, machines)
  await using history = new History(cluster)
  const place = { cluster, machines, patienceMs: PATIENCE_MS }
  await joined(place, 'proven', PROVEN)
  const promises = await run({ cluster, installation, place, history })
  const rows = promises.map(({ what, seen, isKept }) => [isKept ? 'kept' : 'BROKEN', what, seen])
  print(`\n${inColumns(rows).join('\n')}`)
  return promises.every(({ isKept }) => isKept) ? 0 : 1
}

async function weather({ place, history, ...stage }: Installed): Promise<readonly Promised[]> {
  const seed = count(values.seed)
  const seconds = values.hours === undefined ? count(values.seconds) : count(values.hours) * 3_600
  const befalling = isHostile ? attacksWith(await takeHold(stage.cluster)) : faults
  print(`seed ${seed}: ${seconds} s of faults\n${HEADINGS}`)
  const over = new AbortController()
  const asking = keepAsking(place, seededRandom(seed + 1), over.signal)
  const { replicas } = stage.installation
  const probing = isHostile ? startProbing(replicas.map(({ service }) => service.metricsUrl)) : null
  const options = { faults: befalling, seconds, only: values.only, print }
  const befell = await storm(stage, seededRandom(seed), options)
  over.abort()
  const asked = await asking
  const promises = [
    ...promisesOf({ asked, history, befell, replicas }),
    ...(probing === null ? [] : [livenessOf(await probing.stop())]),
  ]
  if (seconds >= LEAKS_FROM_S) {
    await sleep(IDLE_MS)
    promises.push(leaksOf(replicas))
  }
  return promises
}

async function repeated({ place, history, ...stage }: Installed): Promise<readonly Promised[]> {
  const times = count(values.times)
  const random = seededRandom(count(values.seed))
  print(HEADINGS)
  const { promises, befell, served } = await again(stage, place, { times, random, print })
  const { replicas } = stage.installation
  const asked = { served, lost: [], hostile: new Set<string>(), refused: 0 }
  await sleep(IDLE_MS)
  return [...promises, ...promisesOf({ asked, history, befell, replicas }), leaksOf(replicas)]
}

async function schedules(): Promise<number> {
  const { failure, runs, steps } = await interleave(
    count(values.seed),
    count(values.runs),
    (tried) => void (tried % 1_000 === 0 && process.stderr.write(`${tried} schedules\n`)),
  )
  print(`${runs} schedules, ${steps} steps`)
  if (failure !== null) print([failure.wrong, ...failure.moves, '', ...failure.order].join('\n'))
  return failure === null ? 0 : 1
}

function count(text: string): number {
  return /^\d{1,6}$/u.test(text) ? Number(text) : refuseArguments(HELP, `${text} is no count`)
}

function listed(rows: readonly (readonly string[])[]): string {
  return inColumns(rows).join('\n')
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
