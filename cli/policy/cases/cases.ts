import { checkCodes, otherReasons } from '../../../policies/codes.ts'
import type { Verdict } from '../../../policies/types.ts'
import { isObject } from '../../../server/json.ts'
import type { JsonObject } from '../../../server/ports.ts'

/** What a file of `policy test` has: docs/policy-cli.md describes it. */
export interface CasesFile {
  /** The path of a policy file, a policy, or null for the default policy. */
  readonly policy: string | JsonObject | null
  /** As the API server has them. */
  readonly nodes: readonly JsonObject[]
  readonly cases: readonly Case[]
}

export interface Case {
  readonly name: string
  /** The node that asks. */
  readonly node: string
  /** The path of a request, or the names and addresses of one that is made. */
  readonly asks: string | readonly string[]
  readonly expect: Verdict
  /** Null: any. */
  readonly reason: string | null
}

/** A fault, with the path of the value. */
interface CaseFault {
  readonly path: readonly (string | number)[]
  readonly problem: string
}

type Reading =
  | { readonly ok: true; readonly file: CasesFile }
  | { readonly ok: false; readonly faults: readonly CaseFault[] }

const verdicts: readonly Verdict[] = ['approve', 'deny', 'notYet', 'unknown', 'ignore', 'error']
const reasons: ReadonlySet<string> = new Set([...checkCodes, ...Object.keys(otherReasons)])

/** Reads the content of a file, or lists all its faults. */
export function readCases(content: unknown): Reading {
  const faults: CaseFault[] = []
  const reader = new Reader(faults)
  const file = reader.map(content, [], ['policy', 'nodes', 'cases'])
  const policy = file['policy'] ?? null
  if (policy !== null && typeof policy !== 'string' && !isObject(policy))
    faults.push({ path: ['policy'], problem: 'must be the path of a policy file, or a policy' })
  const nodes = reader
    .list(file['nodes'] ?? [], ['nodes'])
    .map((node, at) => readNode(node, ['nodes', at], reader))
  const cases = reader.list(file['cases'], ['cases']).map((one, at) => readCase(one, ['cases', at], reader))
  if (faults.length > 0) return { ok: false, faults }
  return {
    ok: true,
    file: { policy: typeof policy === 'string' || isObject(policy) ? policy : null, nodes, cases },
  }
}

type Path = readonly (string | number)[]

/** A Node by its name and what it reports, or its whole manifest. */
function readNode(value: unknown, path: Path, reader: Reader): JsonObject {
  if (isObject(value) && isObject(value['metadata'])) return value
  const node = reader.map(value, path, ['name', 'names', 'addresses'])
  const name = reader.text(node['name'], [...path, 'name'])
  const names = reader.texts(node['names'] ?? [name], [...path, 'names'])
  const addresses = reader.texts(node['addresses'] ?? [], [...path, 'addresses'])
  return {
    kind: 'Node',
    // Older than every request.
    metadata: { name, uid: name, creationTimestamp: '2000-01-01T00:00:00Z' },
    status: {
      addresses: [
        ...names.map((address) => ({ type: 'Hostname', address })),
        ...addresses.map((address) => ({ type: 'InternalIP', address })),
      ],
    },
  }
}

const CASE_KEYS = ['name', 'node', 'request', 'names', 'addresses', 'expect', 'reason']

function readCase(value: unknown, path: Path, reader: Reader): Case {
  const one = reader.map(value, path, CASE_KEYS)
  const at = (key: string): Path => [...path, key]
  const node = reader.text(one['node'], at('node'))
  const expect = verdicts.find((verdict) => verdict === one['expect'])
  if (expect === undefined) reader.fault(at('expect'), `must be one of ${verdicts.join(', ')}`)
  const reason = one['reason'] === undefined ? null : reader.text(one['reason'], at('reason'))
  if (reason !== null && !reasons.has(reason)) reader.fault(at('reason'), 'is no reason code')
  const asks = readAsked(one, { at, node, reader })
  return { name: reader.text(one['name'], at('name')), node, asks, expect: expect ?? 'error', reason }
}

interface AskedIn {
  readonly at: (key: string) => Path
  readonly node: string
  readonly reader: Reader
}

function readAsked({ request, names, addresses }: JsonObject, { at, node, reader }: AskedIn): Case['asks'] {
  if (request === undefined)
    return [...reader.texts(names ?? [node], at('names')), ...reader.texts(addresses ?? [], at('addresses'))]
  if (names !== undefined || addresses !== undefined)
    reader.fault(at('request'), 'must not stand beside names or addresses')
  return reader.text(request, at('request'))
}

/** Reads plain values, and notes what is wrong. */
class Reader {
  readonly #faults: CaseFault[]

  constructor(faults: CaseFault[]) {
    this.#faults = faults
  }

  fault(path: Path, problem: string): void {
    this.#faults.push({ path, problem })
  }

  map(value: unknown, path: Path, keys: readonly string[]): JsonObject {
    if (!isObject(value)) {
      this.fault(path, `must be a map with the keys ${keys.join(', ')}`)
      return {}
    }
    for (const key of Object.keys(value))
      if (!keys.includes(key)) this.fault([...path, key], `is unknown. Known are ${keys.join(', ')}`)
    return value
  }

  list(value: unknown, path: Path): readonly unknown[] {
    if (Array.isArray(value)) return value
    this.fault(path, 'must be a list')
    return []
  }

  text(value: unknown, path: Path): string {
    if (typeof value === 'string' && value !== '') return value
    this.fault(path, 'must be a text')
    return ''
  }

  texts(value: unknown, path: Path): readonly string[] {
    return this.list(value, path).map((entry, index) => this.text(entry, [...path, index]))
  }
}
