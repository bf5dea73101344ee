import { readRequest, readUnverified } from '../../server/pkcs10/request.ts'
import { readArguments } from '../kit/command-line.ts'
import { buildRequest } from '../kit/requests/request.ts'
import { fillers } from '../oracle/differential/filler.ts'
import { requestOf } from '../suite/request.ts'
import { cases } from '../suite/suite.ts'

/** Reads of the kubelet's own request, after as many that warm the code. */
const READS = 5_000
/** Reads of each hostile one, of which the median is told. */
const REPEATS = 25

const HELP = `
npx node test/lab/differential-timing.ts

Measures how many microseconds one read of a request takes: of a kubelet's, of the slowest in the suite, of fillers.
`

function main(): void {
  readArguments(HELP, {})
  const { request } = buildRequest({ dnsNames: ['node-1'], addresses: ['10.0.0.1', 'fd00::1'] })
  const told: [what: string, times: number[]][] = [
    ['a kubelet’s request', timesOf(readRequest, request, READS)],
    ['the same without its signature', timesOf(readUnverified, request, READS)],
  ]
  for (const [what, times] of told) {
    line(
      `${what}: p50 ${micros(at(times, 0.5))}, p90 ${micros(at(times, 0.9))}, p99 ${micros(at(times, 0.99))}, worst ${micros(at(times, 1))}`,
    )
  }
  slowest(
    'the suite',
    cases.map((one) => ({ title: one.id, request: requestOf(one) })),
  )
  slowest(
    '64 KiB of filler',
    Object.entries(fillers).map(([title, build]) => ({ title, request: build() })),
  )
}

interface Named {
  readonly title: string
  readonly request: string
}

/** The signature apart: it takes what it takes. */
function slowest(what: string, requests: readonly Named[]): void {
  const medians = requests
    .map(({ title, request }) => ({ title, time: at(timesOf(readUnverified, request, REPEATS), 0.5) }))
    .toSorted((left, right) => right.time - left.time)
  for (const { title, time } of medians.slice(0, 3)) line(`${what}, of the slowest: ${micros(time)} ${title}`)
}

/** Microseconds of each read, ascending, by the clock: on a busy machine the worst is an interruption. */
function timesOf(read: (request: string) => unknown, request: string, reads: number): number[] {
  const times: number[] = []
  for (let made = 0; made < 2 * reads; made += 1) {
    const started = performance.now()
    read(request)
    if (made >= reads) times.push((performance.now() - started) * 1000)
  }
  return times.toSorted((left, right) => left - right)
}

const at = (times: readonly number[], share: number): number =>
  times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0
const micros = (time: number): string => `${time.toFixed(0)} µs`
const line = (text: string): void => void process.stdout.write(`${text}\n`)

main()
