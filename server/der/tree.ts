import type { Fault } from '../../policies/types.ts'
import { checkContent } from './content.ts'
import { isFault } from './faults.ts'
import type { Element } from './read.ts'
import { type Header, MAX_ELEMENTS, scan } from './scan.ts'
import { isConstructed, TAG } from './tags.ts'

/**
 * Reads one element of a certificate with its children. Bounded like a request, and read by one parser only: the API server
 * has read every certificate before it stored it, and nothing is signed because of it.
 */
export function readTree(der: Uint8Array): Element | Fault {
  const span = { from: 0, to: der.length, depth: 1 }
  const headers = scan(der, span, { elements: MAX_ELEMENTS, times: true })
  if (isFault(headers)) return headers
  return checkIdentifiers(headers, der) ?? new Builder(headers, der).next(1)
}

/** What reads the tree takes an OBJECT IDENTIFIER for one. */
function checkIdentifiers(headers: readonly Header[], der: Uint8Array): Fault | undefined {
  for (const { tag, at, content, end } of headers) {
    const problem = tag === TAG.oid ? checkContent(tag, der.subarray(content, end), at) : undefined
    if (problem !== undefined) return problem
  }
  return undefined
}

class Builder {
  readonly #headers: readonly Header[]
  readonly #der: Uint8Array
  #taken = 0

  constructor(headers: readonly Header[], der: Uint8Array) {
    this.#headers = headers
    this.#der = der
  }

  /** The next element in document order. The scan has bounded the depth. */
  next(depth: number): Element {
    const { tag, at, content, end } = this.#header()
    this.#taken += 1
    const children: Element[] = []
    if (isConstructed(tag)) while (this.#isWithin(end)) children.push(this.next(depth + 1))
    return { tag, at, end, depth, content: this.#der.subarray(content, end), children }
  }

  #isWithin(end: number): boolean {
    return this.#taken < this.#headers.length && this.#header().at < end
  }

  #header(): Header {
    const header = this.#headers[this.#taken]
    if (header === undefined) throw new Error('no header is left')
    return header
  }
}
