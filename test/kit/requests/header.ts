/** Where an element's content stands. */
export interface Header {
  readonly tag: number
  readonly content: number
  readonly end: number
}

/** The element that starts at `at` and ends by `to`, with any definite length; null where there is none. For tests: lenient. */
export function headerAt(der: Uint8Array, at: number, to: number): Header | null {
  const [tag, first] = der.subarray(at, Math.min(at + 2, to))
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f || first === 0x80) return null
  const octets = first < 0x80 ? 0 : first & 0x7f
  const content = at + 2 + octets
  if (octets > 4 || content > to) return null
  const end = content + (octets === 0 ? first : numberIn(der.subarray(at + 2, content)))
  return end <= to ? { tag, content, end } : null
}

const numberIn = (octets: Uint8Array): number => octets.reduce((sum, octet) => sum * 256 + octet, 0)
