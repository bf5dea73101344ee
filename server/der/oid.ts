/** Go's asn1 stores an arc in an int32 and refuses larger arcs. So do we: truncating an arc was CVE-2025-66030. */
const MAX_ARC = 2 ** 31 - 1
/** Octets of content: 12 arcs of 5 octets, more than any known identifier. Messages show the identifier in full. */
const MAX_OCTETS = 64

/**
 * Reads the content of an OBJECT IDENTIFIER as dotted text, X.690 §8.19.
 * @returns null if it is empty, padded, truncated, longer than 64 octets, or has an arc of 2^31 or more
 */
export function readOid(content: Uint8Array): string | null {
  if (content.length > MAX_OCTETS) return null
  const arcs: number[] = []
  let arc = 0
  let begins = true
  for (const octet of content) {
    if (begins && octet === 0x80) return null
    arc = arc * 128 + (octet & 0x7f)
    if (arc > MAX_ARC) return null
    begins = octet < 0x80
    if (begins) {
      arcs.push(arc)
      arc = 0
    }
  }
  const [first, ...rest] = arcs
  if (first === undefined || !begins) return null
  // The first subidentifier holds two arcs: 40 times the first (0, 1 or 2) plus the second.
  const root = Math.min(Math.floor(first / 40), 2)
  return [root, first - 40 * root, ...rest].join('.')
}

/** The dotted text of an OBJECT IDENTIFIER whose content was checked before. */
export function dotted({ content, at }: { readonly content: Uint8Array; readonly at: number }): string {
  const oid = readOid(content)
  if (oid === null) throw new Error(`the element at ${at} is not an OBJECT IDENTIFIER`)
  return oid
}
