import { parseObject } from './api-answer.ts'
import type { JsonObject } from '../ports.ts'

/**
 * Largest object that is read, as JSON. A stock Node is 10 to 25 KB and a kubelet's CSR 3 KB; JSON.parse takes about 10 ms
 * for 1 MiB. A larger one is one object's problem: its name is kept, and the stream goes on.
 */
export const OBJECT_MAX_BYTES = 1_048_576
/** Of an object that is too large, what is kept to find its name in: the API server writes metadata first. */
const HEAD_BYTES = 4_096
/** Everything of a list but its items: kind, version, continue token. */
const ENVELOPE_MAX_BYTES = 65_536

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d
const ITEMS = /"items"\s*:\s*$/u
/** The list itself is one deep, `items` two, an item three. */
const LIST_DEPTH = 2
const ITEM_DEPTH = 3

/** An object of a list or watch; `null` in place of one that cannot be read, with its key when that is known. */
export type Item =
  | { readonly readable: true; readonly object: JsonObject }
  | { readonly readable: false; readonly key: string | null; readonly because: string }

/** Parses the JSON of one object. */
function itemOf(json: Buffer): Item {
  const parsed = parseObject(json)
  return parsed.ok ? { readable: true, object: parsed.object } : unreadable(json, parsed.because)
}

/** An object larger than {@link OBJECT_MAX_BYTES}, from its first bytes. */
export function tooLarge(head: Buffer): Item {
  return unreadable(head, `is larger than ${OBJECT_MAX_BYTES} bytes`)
}

/** An object that is not parsed, by the name in its first bytes. */
export function unreadable(head: Buffer, because: string): Item {
  return { readable: false, key: keyIn(head), because }
}

/** The name in the first metadata: nothing but kind and apiVersion comes before it, so no content can pretend to be it. */
const METADATA =
  /"metadata":\{"name":"(?<name>[^"\\]{1,253})"(?:,"generateName":"[^"\\]*")?(?:,"namespace":"(?<namespace>[^"\\]{1,63})")?/u

function keyIn(json: Buffer): string | null {
  const groups = METADATA.exec(json.toString('utf8', 0, HEAD_BYTES))?.groups
  if (groups === undefined) return null
  const { name = '', namespace } = groups
  return namespace === undefined ? name : `${namespace}/${name}`
}

/**
 * Splits the JSON of a list into its items while it arrives, so that no page is ever held or parsed whole. Knows just
 * enough of JSON to see where an item ends: strings, escapes and depth. Each item is then parsed by itself.
 */
export class ListSplitter {
  readonly #found: (item: Item) => void
  readonly #envelope: Buffer[] = []
  #envelopeBytes = 0
  #item: Buffer[] = []
  #itemBytes = 0
  #depth = 0
  #inString = false
  #escaped = false
  /** Between the brackets of `items`. */
  #inItems = false

  constructor(found: (item: Item) => void) {
    this.#found = found
  }

  /** @throws Error when what is around the items is larger than any list's */
  push(chunk: Buffer): void {
    let kept = 0
    for (let at = 0; at < chunk.length; at += 1) {
      if (this.#inString) at = this.#pastString(chunk, at)
      else kept = this.#structure(chunk, kept, at)
    }
    this.#keep(chunk.subarray(kept))
  }

  /** Everything but the items, as one object; undefined when the list did not come whole or is no JSON. */
  end(): JsonObject | undefined {
    if (this.#depth !== 0 || this.#inString) return undefined
    const parsed = parseObject(Buffer.concat(this.#envelope))
    return parsed.ok ? parsed.object : undefined
  }

  /** The index of the quote that ends the string, or the last index of a chunk that ends inside it. */
  #pastString(chunk: Buffer, from: number): number {
    for (let at = from; at < chunk.length; at += 1) {
      if (this.#escaped) this.#escaped = false
      else if (chunk[at] === BACKSLASH) this.#escaped = true
      else if (chunk[at] === QUOTE) {
        this.#inString = false
        return at
      }
    }
    return chunk.length
  }

  /** One octet outside a string. Returns from where the chunk has yet to be kept. */
  #structure(chunk: Buffer, kept: number, at: number): number {
    switch (chunk[at] ?? 0) {
      case QUOTE:
        this.#inString = true
        return kept
      case OPEN_OBJECT:
      case OPEN_LIST:
        return this.#open(chunk, kept, at)
      case CLOSE_OBJECT:
      case CLOSE_LIST:
        return this.#close(chunk, kept, at)
      default:
        return kept
    }
  }

  #open(chunk: Buffer, kept: number, at: number): number {
    this.#depth += 1
    if (this.#inItems) return this.#depth === ITEM_DEPTH ? at : kept
    if (this.#depth !== LIST_DEPTH || !this.#isItems(chunk.subarray(kept, at))) return kept
    this.#keep(chunk.subarray(kept, at + 1))
    this.#inItems = true
    return at + 1
  }

  #close(chunk: Buffer, kept: number, at: number): number {
    this.#depth -= 1
    if (!this.#inItems) return kept
    if (this.#depth === LIST_DEPTH) return this.#endItem(chunk.subarray(kept, at + 1)) ?? at + 1
    if (this.#depth > LIST_DEPTH) return kept
    this.#inItems = false
    return at
  }

  #isItems(before: Buffer): boolean {
    return ITEMS.test(
      Buffer.concat([...this.#envelope, before])
        .toString('latin1')
        .slice(-32),
    )
  }

  #keep(part: Buffer): void {
    if (this.#inItems) {
      if (this.#depth >= ITEM_DEPTH) this.#keepItem(part)
      return
    }
    this.#envelopeBytes += part.length
    if (this.#envelopeBytes > ENVELOPE_MAX_BYTES) throw new Error('a list holds more than its items')
    this.#envelope.push(part)
  }

  #keepItem(part: Buffer): void {
    this.#itemBytes += part.length
    if (this.#itemBytes <= OBJECT_MAX_BYTES) this.#item.push(part)
  }

  #endItem(last: Buffer): void {
    this.#keepItem(last)
    const json = Buffer.concat(this.#item)
    const item = this.#itemBytes > OBJECT_MAX_BYTES ? tooLarge(json) : itemOf(json)
    this.#item = []
    this.#itemBytes = 0
    this.#found(item)
  }
}
