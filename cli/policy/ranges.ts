import { formatPrefix } from '../../policies/address.ts'
import type { Address } from '../../policies/types.ts'

/** The most prefixes of a family. */
const PREFIXES_MAX = 8
/** Addresses of one subnet: a suggestion lists no longer prefixes, since the next node has the next address. */
const SUBNET_BITS = { 8: 24, 32: 64 } as const

/** Prefixes that contain all addresses: a /24 or /64 for each subnet; the closest are joined while there are too many. */
export function rangesFor(addresses: readonly Address[]): readonly string[] {
  return ([8, 32] as const).flatMap((digits) => {
    const own = addresses.filter((address) => address.length === digits).map(binary)
    let prefixes = [...new Set(own.map((bits) => bits.slice(0, SUBNET_BITS[digits])))].toSorted()
    while (prefixes.length > PREFIXES_MAX) prefixes = joinClosest(prefixes)
    return prefixes.map((bits) => formatPrefix({ address: hex(bits, digits), bits: bits.length }))
  })
}

/** In sorted order, the two that share most are neighbours. */
function joinClosest(sorted: readonly string[]): string[] {
  const shared = sorted.slice(1).map((bits, index) => common(sorted[index] ?? '', bits))
  const longest = shared.reduce((best, bits) => (bits.length > best.length ? bits : best), '')
  return [...new Set(sorted.map((bits) => (bits.startsWith(longest) ? longest : bits)))].toSorted()
}

function common(one: string, other: string): string {
  let length = 0
  while (length < one.length && one[length] === other[length]) length += 1
  return one.slice(0, length)
}

const binary = (address: Address): string =>
  Array.from(address, (digit) => Number.parseInt(digit, 16).toString(2).padStart(4, '0')).join('')

function hex(bits: string, digits: number): Address {
  const four = bits.padEnd(digits * 4, '0').match(/.{4}/gu) ?? []
  return four.map((part) => Number.parseInt(part, 2).toString(16)).join('')
}
