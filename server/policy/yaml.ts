import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument, visit } from 'yaml'

/** A YAML document as plain JSON, or all its syntax faults. */
export type YamlReading =
  | {
      readonly ok: true
      readonly content: unknown
      /** The position of a path: of its key in a map, of its entry in a list, else of its nearest parent. */
      readonly place: (path: readonly (string | number)[]) => Place
    }
  | { readonly ok: false; readonly faults: readonly (Place & { readonly problem: string })[] }

/** A position. Both numbers start at 1. */
export interface Place {
  readonly line: number
  readonly column: number
}

/** Reads one YAML 1.2 document of plain values. Aliases (they can expand without bound), tags and repeated keys are faults. */
export function readYaml(text: string): YamlReading {
  const lines = new LineCounter()
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    version: '1.2',
    schema: 'core',
  })
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }
  const found = syntaxFaults(document)
  if (found.length > 0)
    return { ok: false, faults: found.map(({ offset, problem }) => ({ ...place(offset), problem })) }
  return { ok: true, content: document.toJS() ?? {}, place: (path) => place(offsetOf(document, path)) }
}

interface SyntaxFault {
  readonly offset: number
  readonly problem: string
}

function syntaxFaults(document: Document.Parsed): SyntaxFault[] {
  const faults = [...document.errors, ...document.warnings].map(({ message, pos }) => ({
    offset: pos[0],
    problem: `is not YAML: ${message.replaceAll(/\s+/gu, ' ')}`,
  }))
  // A document with errors is searched too, so that all faults are reported at once.
  visit(document, {
    Alias(_key, { range }) {
      faults.push({ offset: range?.[0] ?? 0, problem: 'is a YAML alias, which a policy must not use' })
    },
  })
  return faults.sort((a, b) => a.offset - b.offset)
}

function offsetOf(document: Document.Parsed, path: readonly (string | number)[]): number {
  for (let length = path.length; length > 0; length -= 1) {
    const offset = offsetAt(document, path.slice(0, length))
    if (offset !== undefined) return offset
  }
  return document.contents?.range[0] ?? 0
}

function offsetAt(document: Document.Parsed, path: readonly (string | number)[]): number | undefined {
  const key = path.at(-1)
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true)
  if (!isMap(parent)) {
    const entry = document.getIn(path, true)
    return isNode(entry) ? entry.range?.[0] : undefined
  }
  const pair = parent.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key))
  return isScalar(pair?.key) ? pair.key.range?.[0] : undefined
}
