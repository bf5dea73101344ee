import { Ajv } from 'ajv'
import { type Static, Type } from 'typebox'
import { parseAddress, parsePrefix } from '../../policies/address.ts'
import { compilePattern, type Pattern } from '../../policies/pattern.ts'
import type { Address, Prefix } from '../../policies/types.ts'
import { describeErrors, firstPerPath, pathText, type PolicyFault } from '../policy/faults.ts'
import { readYaml } from '../policy/yaml.ts'

/** What the operator says that a node has, or that each node of a pattern may have. */
export interface InventoryLine {
  /** Lower case. `{node}` stands for the name of the Node. */
  readonly names: readonly string[]
  readonly addresses: readonly Address[]
  readonly prefixes: readonly Prefix[]
}

export type ReadLine =
  | { readonly ok: true; readonly of: string | Pattern; readonly line: InventoryLine }
  /** `line` and `column` count from the start of the entry, from 1. */
  | { readonly ok: false; readonly faults: readonly LineFault[] }

export interface LineFault {
  readonly line: number
  readonly column: number
  readonly problem: string
}

/** A Node reports a handful; as many as are read of a Node. */
const VALUES_MAX = 100

const NODE_NAME = '^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$'
/** Lower-case labels; `{node}` may stand for one of them or several. */
const NAME = '^([a-z0-9]([-a-z0-9]*[a-z0-9])?|\\{node\\})(\\.([a-z0-9]([-a-z0-9]*[a-z0-9])?|\\{node\\}))*$'

function values(title: string, pattern?: string) {
  const value = Type.String({
    title,
    minLength: 1,
    maxLength: 253,
    ...(pattern !== undefined && { pattern }),
  })
  return Type.Optional(Type.Array(value, { maxItems: VALUES_MAX, uniqueItems: true }))
}

const entry = Type.Object(
  {
    node: Type.Optional(Type.String({ title: 'the name of a Node', pattern: NODE_NAME, maxLength: 253 })),
    nodes: Type.Optional(Type.String({ title: 'an RE2 pattern', minLength: 1 })),
    names: values('a lower-case DNS name, in which {node} may stand for the name of the Node', NAME),
    addresses: values('an address'),
    prefixes: values('a prefix'),
  },
  { additionalProperties: false },
)
type Entry = Static<typeof entry>

const validate = new Ajv({ allErrors: true, verbose: true, strict: true }).compile<Entry>(entry)

/** Reads one entry of an inventory: a YAML list with one map. */
export async function readLine(text: string): Promise<ReadLine> {
  const yaml = readYaml(text)
  if (!yaml.ok) return yaml
  const [content]: unknown[] = Array.isArray(yaml.content) ? yaml.content : []
  const read = validate(content)
    ? await compile(content)
    : { ok: false as const, faults: describeErrors(validate.errors ?? []) }
  if (read.ok) return read
  const faults = firstPerPath(read.faults).map(({ path, problem }) => ({
    ...yaml.place([0, ...path]),
    problem: path.length === 0 ? problem : `${pathText(path)}: ${problem}`,
  }))
  return { ok: false, faults: faults.toSorted((a, b) => a.line - b.line || a.column - b.column) }
}

type Compiled =
  | Extract<ReadLine, { ok: true }>
  | { readonly ok: false; readonly faults: readonly PolicyFault[] }

/** One for all lines that have none. */
const NONE: readonly never[] = Object.freeze([])

async function compile(content: Entry): Promise<Compiled> {
  const faults: PolicyFault[] = []
  const { names = NONE, addresses = NONE, prefixes = NONE } = content
  const line = {
    names,
    addresses: parsed('addresses', addresses, parseAddress, faults),
    prefixes: parsed('prefixes', prefixes, parsePrefix, faults),
  }
  const of = await readOf(content, faults)
  return faults.length > 0 || of === undefined ? { ok: false, faults } : { ok: true, of, line }
}

/** Which Node or Nodes the entry is about. */
async function readOf({ node, nodes }: Entry, faults: PolicyFault[]): Promise<string | Pattern | undefined> {
  if ((node === undefined) === (nodes === undefined)) {
    faults.push({ path: [], problem: 'must have either node or nodes' })
    return undefined
  }
  if (nodes === undefined) return node
  const compiled = await compilePattern(nodes)
  if (compiled.ok) return compiled.pattern
  faults.push({ path: ['nodes'], problem: compiled.problem })
  return undefined
}

function parsed<T>(
  key: string,
  texts: readonly string[],
  parse: (text: string) => T | undefined,
  faults: PolicyFault[],
): readonly T[] {
  if (texts.length === 0) return NONE
  return texts.flatMap((text, index) => {
    const value = parse(text)
    if (value !== undefined) return [value]
    faults.push({ path: [key, index], problem: `is not ${key === 'addresses' ? 'an address' : 'a prefix'}` })
    return []
  })
}
