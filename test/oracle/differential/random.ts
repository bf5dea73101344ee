/** Random choices that a seed repeats. */
export interface Random {
  /** An integer from 0 to `bound` - 1. */
  below(bound: number): number
  /** True in `percent` of 100 draws. */
  percent(percent: number): boolean
  pick<T>(items: readonly T[]): T
}

/** Mulberry32: 32 bits of state, every seed another sequence; nothing here needs better. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (bound: number): number => Math.floor(next() * bound)
  return {
    below,
    percent: (percent) => next() * 100 < percent,
    pick: (items) => {
      const item = items[below(items.length)]
      if (item === undefined) throw new Error('nothing to pick from')
      return item
    },
  }
}
