/** Values and axes in the units of Grafana's panels. */
import type { Unit } from '../../../packaging/dashboard/grafana.ts'

/** What a value is divided by, from the smallest on, and what follows it then. */
type Scale = readonly (readonly [size: number, suffix: string])[]

const KIB = 1024

const scales: Readonly<Record<Unit, Scale>> = {
  none: [[1, '']],
  short: [
    [1, ''],
    [1e3, ' K'],
    [1e6, ' Mil'],
  ],
  s: [
    [1e-6, ' µs'],
    [1e-3, ' ms'],
    [1, ' s'],
    [60, ' min'],
    [3_600, ' hour'],
  ],
  ops: [
    [1, ' ops/s'],
    [1e3, 'K ops/s'],
  ],
  bytes: [
    [1, ' B'],
    [KIB, ' KiB'],
    [KIB ** 2, ' MiB'],
    [KIB ** 3, ' GiB'],
  ],
  percentunit: [[0.01, '%']],
  'suffix:days': [[1, ' days']],
}

/** As an axis shows it: three digits say enough. */
export function shown(value: number, unit: Unit): string {
  const [size, suffix] = scaleOf(value, unit)
  return `${Number((value / size).toPrecision(3))}${suffix}`
}

/** The largest that leaves a whole number before the point; for 0 the unit itself. */
function scaleOf(value: number, unit: Unit): Scale[number] {
  const all = scales[unit]
  const within = value === 0 ? all.filter(([size]) => size === 1) : all.filter(([size]) => size <= value)
  return within.at(-1) ?? all[0] ?? [1, '']
}

const TICKS = 4

/** The distance of round ticks, of which at most four are needed up to `max`; whole ones where only whole ones count. */
export function tickStep(max: number, unit: Unit, whole: boolean): number {
  const least = max / TICKS
  if (unit === 's' && least > LONG_SECONDS[0]) return LONG_SECONDS.find((step) => step >= least) ?? least
  const [size] = scaleOf(least, unit)
  const steps = unit === 'bytes' ? POWERS_OF_TWO : roundSteps(least / size)
  const step = (steps.find((candidate) => candidate * size >= least) ?? 1) * size
  return whole ? Math.max(step, 1) : step
}

/** Four of them are whole minutes, or whole hours. */
const LONG_SECONDS = [10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600] as const
const POWERS_OF_TWO = Array.from({ length: 11 }, (_, exponent) => 2 ** exponent)

/** 1, 2, 5 and their tenfold, about as large as `about`. */
function roundSteps(about: number): readonly number[] {
  const decade = about > 0 ? 10 ** Math.floor(Math.log10(about)) : 1
  return [1, 2, 5, 10].map((digit) => digit * decade)
}
