import type { X509Certificate } from 'node:crypto'
import { type Html, element } from './html.ts'

const DAY_MS = 86_400_000
/** Self-made certificates last for decades. */
const REACH_MS = 400 * DAY_MS
/** Of the lifetime: a kubelet renews when 70 to 90 % are over. */
const LATE = 0.1
const [WIDTH, HEIGHT] = [200, 12]

export interface Lifetime {
  readonly notBefore: number
  readonly notAfter: number
  /** Seen in the newest CSR, since the kubelet showed none. */
  readonly ofCsr: boolean
}

export function lifetimeOf({ validFromDate, validToDate }: X509Certificate, ofCsr: boolean): Lifetime {
  return { notBefore: validFromDate.getTime(), notAfter: validToDate.getTime(), ofCsr }
}

export interface Timeline {
  /** The days at its ends. */
  readonly from: string
  readonly to: string
  /** A bar between them, and a line at the present. */
  readonly show: (lifetime: Lifetime) => Html
}

export function timelineOf(lifetimes: readonly Lifetime[], now: number): Timeline {
  const reached = (time: number): number => Math.min(Math.max(time, now - REACH_MS), now + REACH_MS)
  const from = lifetimes.reduce((least, { notBefore }) => Math.min(least, reached(notBefore)), now)
  const to = lifetimes.reduce((most, { notAfter }) => Math.max(most, reached(notAfter)), now + DAY_MS)
  const place = (time: number): number => Math.round(((reached(time) - from) / (to - from)) * WIDTH)
  const bar = (x: number, width: number, name: string): Html =>
    element('rect', { x, y: 0, width: Math.max(width, 1), height: HEIGHT, class: name })
  return {
    from: day(from),
    to: day(to),
    show: ({ notBefore, notAfter, ofCsr }) => {
      const dates = `${day(notBefore)} to ${day(notAfter)}${ofCsr ? ', of its CSR' : ''}`
      const drawing = {
        viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
        width: WIDTH,
        height: HEIGHT,
        'aria-hidden': 'true',
      }
      const begin = place(notBefore)
      return element(
        'div',
        { class: toneAt(now, notBefore, notAfter) },
        element('svg', drawing, bar(begin, place(notAfter) - begin, 'bar'), bar(place(now), 2, 'now')),
        element('div', { class: 'faint' }, dates),
      )
    },
  }
}

function toneAt(now: number, notBefore: number, notAfter: number): 'good' | 'warning' | 'bad' {
  if (notAfter < now) return 'bad'
  return notAfter - now < (notAfter - notBefore) * LATE ? 'warning' : 'good'
}

const day = (time: number): string => new Date(time).toISOString().slice(0, 10)
