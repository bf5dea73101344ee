/** Random choices that a seed repeats, on every machine. */
export interface Random {
  /** From 0 up to, without, 1. */
  next(): number
  /** A whole number from 0 to `bound` - 1. */
  below(bound: number): number
  /** A whole number, both ends included. */
  between(least: number, most: number): number
  /** True in `percent` of 100 draws. */
  percent(percent: number): boolean
  pick<T>(from: readonly T[]): T
}

/** Mulberry32, public domain: 32 bits of state, every seed another sequence; nothing here needs better. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (bound: number): number => Math.floor(next() * bound)
  return {
    next,
    below,
    between: (least, most) => least + below(most - least + 1),
    percent: (percent) => next() * 100 < percent,
    pick: (from) => {
      const picked = from[below(from.length)]
      if (picked === undefined) throw new Error('nothing to pick from')
      return picked
    },
  }
}
