/** Go's asn1 holds an arc in an int32 and refuses larger ones; so do we, rather than cut one short (CVE-2025-66030). */
const MAX_ARC = 2 ** 31 - 1
/** Octets of content: twelve arcs of five, more than any known one has. It stands in full in messages. */
const MAX_OCTETS = 64

/**
 * OBJECT IDENTIFIER content as dotted text, X.690 §8.19.
 * @returns null when it is empty, padded, cut off, longer than 64 octets, or has an arc of 2^31 or more
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

/** The dotted text of an OBJECT IDENTIFIER that was read, and so is well-formed. */
export function dotted({ content, at }: { readonly content: Uint8Array; readonly at: number }): string {
  const oid = readOid(content)
  if (oid === null) throw new Error(`the element at ${at} is no OBJECT IDENTIFIER`)
  return oid
}
