import { readOid } from '../../server/der/content.ts'
import { type Header, headerAt } from '../kit/requests/header.ts'
import { TAG, tagName } from '../../server/der/tags.ts'

/** Lines of one dump; the rest is counted. */
const LINES_MAX = 60
const SHOWN_OCTETS = 24

/** Every element that can be made out, a line each: offset, nesting, type, length, content. For people; it never fails. */
export function dump(der: Uint8Array): string[] {
  const lines: string[] = []
  dumpSpan(der, { from: 0, to: der.length, level: 0 }, lines)
  return lines.length <= LINES_MAX ? lines : [...lines.slice(0, LINES_MAX), `  … ${lines.length - LINES_MAX} more`]
}

interface Span {
  readonly from: number
  readonly to: number
  readonly level: number
}

function dumpSpan(der: Uint8Array, { from, to, level }: Span, lines: string[]): void {
  for (let at = from; at < to; ) {
    const head = headerAt(der, at, to)
    const indent = `${String(at).padStart(6)} ${'  '.repeat(Math.min(level, 20))}`
    if (head === null || lines.length > 5000) {
      lines.push(`${indent}… ${to - at} octets: ${shown(der.subarray(at, to))}`)
      return
    }
    const { tag, content, end } = head
    lines.push(`${indent}${nameOf(tag)} ${end - content}${(tag & 0x20) === 0 ? ` ${said(tag, der.subarray(content, end))}` : ''}`)
    const inner = (tag & 0x20) !== 0 ? content : insideOf(der, head)
    if (inner !== null) dumpSpan(der, { from: inner, to: end, level: level + 1 }, lines)
    at = end
  }
}

/** Where DER begins inside a string of octets that holds just one SEQUENCE. */
function insideOf(der: Uint8Array, { tag, content, end }: Header): number | null {
  if (tag !== TAG.octetString && tag !== TAG.bitString) return null
  const from = tag === TAG.bitString ? content + 1 : content
  return der[from] === TAG.sequence && headerAt(der, from, end)?.end === end ? from : null
}

const nameOf = (tag: number): string => (tag < 0x80 ? tagName(tag) : `[${tag & 0x1f}]`)

function said(tag: number, content: Uint8Array): string {
  if (tag === TAG.oid) return readOid(content) ?? shown(content)
  const isText = content.length > 0 && content.every((octet) => octet >= 0x20 && octet < 0x7f)
  return isText ? JSON.stringify(Buffer.from(content.subarray(0, 64)).toString('latin1')) : shown(content)
}

const shown = (octets: Uint8Array): string =>
  Buffer.from(octets.subarray(0, SHOWN_OCTETS)).toString('hex') + (octets.length > SHOWN_OCTETS ? '…' : '')
