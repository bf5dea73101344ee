import { formatPrefix, parseAddress, parsePrefix } from '../../policies/address.ts'
import type { Prefix } from '../../policies/types.ts'

export interface PrefixesReading {
  /** Without repeats. */
  readonly prefixes: readonly string[]
  /** `as written -> as read`, where host bits were cut off as Go does. */
  readonly masked: readonly string[]
  readonly malformed: readonly string[]
}

/** Reads CIDRs as Go's netip.ParsePrefix does: bits beyond the length do not count. */
export function prefixesOf(given: readonly string[]): PrefixesReading {
  const read = given.map((text) => ({ text, prefix: masked(text) }))
  const valid = read.flatMap(({ text, prefix }) => (prefix === undefined ? [] : [{ text, prefix }]))
  return {
    prefixes: [...new Set(valid.map(({ prefix }) => formatPrefix(prefix)))],
    masked: valid
      .filter(({ text }) => parsePrefix(text) === undefined)
      .map(({ text, prefix }) => `${text} -> ${formatPrefix(prefix)}`),
    malformed: read.filter(({ prefix }) => prefix === undefined).map(({ text }) => text),
  }
}

function masked(text: string): Prefix | undefined {
  const [head = '', length = '', ...more] = text.split('/')
  const address = parseAddress(head)
  if (address === undefined || !/^\d{1,3}$/u.test(length) || more.length > 0) return undefined
  const width = address.length * 4
  const bits = Number(length)
  if (bits > width) return undefined
  const binary = Array.from(address, (digit) => Number.parseInt(digit, 16).toString(2).padStart(4, '0')).join(
    '',
  )
  const kept = binary.slice(0, bits).padEnd(width, '0')
  const hex = (kept.match(/.{4}/gu) ?? []).map((four) => Number.parseInt(four, 2).toString(16)).join('')
  return { address: hex, bits }
}
