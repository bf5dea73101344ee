/**
 * The text of one shard: a line of JSON with the version and the number of Nodes, then one line for each Node, so that a
 * person finds it by its name or address. Times are seconds since the epoch.
 */
import type { GrantSight } from '../../policies/types.ts'
import { formatAddress, parseAddress } from '../../policies/address.ts'
import { isObject } from '../json.ts'
import { addressOf, claimKey } from '../facts/claims.ts'
import type { Grant, GrantedValue, NodeGrants, Spent } from '../facts/grants.ts'
import type { JsonObject } from '../ports.ts'

const VERSION = 1
/** No DNS name of a Node is this. */
const OWN_NAME = '.'

export interface ShardContent {
  readonly nodes: readonly NodeGrants[]
  /** Names and addresses that an operator released, as `claimKey`, and when. */
  readonly released: readonly Released[]
}

export interface Released {
  readonly claim: string
  readonly at: number
}

export type ShardReading =
  | ({ readonly kind: 'whole' } & ShardContent)
  /** `newer`: written by a later version, and left alone. */
  | { readonly kind: 'newer' | 'garbled'; readonly because: string }

export function formatShard({ nodes, released }: ShardContent): string {
  const head = {
    version: VERSION,
    nodes: nodes.length,
    ...(released.length > 0 && { released: released.map(releasedLine) }),
  }
  const sorted = nodes.toSorted((one, two) => (one.node < two.node ? -1 : 1))
  return [head, ...sorted.map(nodeLine)].map((line) => `${JSON.stringify(line)}\n`).join('')
}

function releasedLine({ claim, at }: Released): Line {
  return [textOf(claim), seconds(at)]
}

type Line = readonly (string | number | null)[]

function nodeLine({ node, uid, last, earlier, values, spent, goneAt }: NodeGrants): JsonObject {
  const current = values.filter(({ leftAt, grantedAt }) => leftAt === null && grantedAt === last.approvedAt)
  const left = values.filter((value) => !current.includes(value))
  return {
    node,
    uid,
    csr: last.csr,
    key: last.key,
    ...(last.credentialId !== null && { credential: last.credentialId }),
    approved: seconds(last.approvedAt),
    until: seconds(last.notAfter),
    ...(earlier.length > 0 && { earlier: earlier.map((one) => [one.csr, one.key, seconds(one.notAfter)]) }),
    has: current.map((value) => valueLine(value, node, last.approvedAt)),
    ...(left.length > 0 && { left: left.map(leftLine) }),
    ...(spent.count > 0 && { spent: [spent.count, seconds(spent.at)] }),
    ...(goneAt !== null && { gone: seconds(goneAt) }),
  }
}

/** As short as can be: the Node's own name as `.`, and times only where they say something. */
function valueLine({ claim, heldAt, provenAt, sight }: GrantedValue, node: string, approvedAt: number): Line {
  const text = claim === claimKey('dNSName', node) ? OWN_NAME : textOf(claim)
  const held = heldAt === approvedAt ? null : seconds(heldAt)
  if (sight !== null) return [text, held, provenLine(provenAt, sight)]
  return held === null ? [text] : [text, held]
}

function leftLine({ claim, heldAt, provenAt, sight, grantedAt, leftAt }: GrantedValue): Line {
  const proven = provenLine(provenAt, sight)
  return [textOf(claim), seconds(heldAt), proven, seconds(grantedAt), secondsOr(leftAt)]
}

/** When it answered, negative for a kubelet that waited; 0: nobody answered; null: nobody looked. */
function provenLine(provenAt: number | null, sight: GrantSight): number | null {
  if (sight === 'silent') return 0
  if (provenAt === null) return null
  return sight === 'waiting' ? -seconds(provenAt) : seconds(provenAt)
}

/** The name or address that a `claimKey` stands for, as text. No name looks like an address: NameMalformed. */
export function textOf(claim: string): string {
  const address = addressOf(claim)
  return address === undefined ? claim.slice(claimKey('dNSName', '').length) : formatAddress(address)
}

/** The `claimKey` of a name or address as text. */
export function claimOf(text: string): string {
  const address = parseAddress(text)
  return address === undefined ? claimKey('dNSName', text) : claimKey('iPAddress', address)
}

const seconds = (ms: number): number => Math.floor(ms / 1_000)
const secondsOr = (ms: number | null): number | null => (ms === null ? null : seconds(ms))

/** Reads a shard whole or not at all: a part of it would say that the rest was never granted. */
export function parseShard(text: string): ShardReading {
  const [first = '', ...lines] = text.split('\n')
  const head = parseLine(first)
  if (head === undefined) return garbled('its first line is no JSON object')
  const { version, nodes: count } = head
  if (!isVersion(version)) return garbled('it has no version')
  if (version > VERSION)
    return { kind: 'newer', because: `it has version ${version}, and this is version ${VERSION}` }
  if (lines.pop() !== '' || lines.length !== count) return garbled('it is cut off')
  const nodes = lines.map((line) => readNode(parseLine(line)))
  const whole = nodes.filter((node) => node !== undefined)
  if (whole.length < nodes.length)
    return garbled(`its line ${nodes.indexOf(undefined) + 2} is not the grants of a Node`)
  const released = listOf(head['released'] ?? [], readReleased)
  return released === undefined
    ? garbled('what was released cannot be read')
    : { kind: 'whole', nodes: whole, released }
}

function isVersion(value: unknown): value is number {
  return typeof value === 'number' && value >= 1
}

function garbled(because: string): ShardReading {
  return { kind: 'garbled', because }
}

function parseLine(line: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function readNode(line: JsonObject | undefined): NodeGrants | undefined {
  if (line === undefined) return undefined
  const { node, uid } = line
  const last = readLast(line)
  const goneAt = timeOrNull(line['gone'])
  const values = readValues(line, last)
  const earlier = listOf(line['earlier'] ?? [], readEarlier)
  const spent = readSpent(line['spent'], last)
  if (last === undefined || goneAt === undefined || values === undefined || earlier === undefined)
    return undefined
  if (spent === undefined || !isText(node) || !isText(uid)) return undefined
  return { node, uid, last, earlier, values, spent, goneAt }
}

function readSpent(value: unknown, last: Grant | undefined): Spent | undefined {
  if (value === undefined) return { count: 0, at: last?.approvedAt ?? 0 }
  const [count, time]: readonly unknown[] = Array.isArray(value) ? value : []
  const at = timeOf(time)
  return typeof count === 'number' && at !== undefined ? { count, at } : undefined
}

function readLast({ csr, key, credential = null, approved, until }: JsonObject): Grant | undefined {
  const [approvedAt, notAfter] = [timeOf(approved), timeOf(until)]
  if (approvedAt === undefined || notAfter === undefined) return undefined
  if (!isText(csr) || !isText(key) || (credential !== null && !isText(credential))) return undefined
  return { csr, key, credentialId: credential, approvedAt, notAfter }
}

function readValues(line: JsonObject, last: Grant | undefined): GrantedValue[] | undefined {
  const current = listOf(line['has'], (entry) => readCurrent(entry, line['node'], last?.approvedAt))
  const left = listOf(line['left'] ?? [], readLeft)
  return current === undefined || left === undefined ? undefined : [...current, ...left]
}

function timeOrNull(value: unknown = null): number | null | undefined {
  return value === null ? null : timeOf(value)
}

function readEarlier(entry: readonly unknown[]): NodeGrants['earlier'][number] | undefined {
  const [csr, key, until] = entry
  const notAfter = timeOf(until)
  return isText(csr) && isText(key) && notAfter !== undefined ? { csr, key, notAfter } : undefined
}

function readCurrent(
  [text, held = null, proven = null]: readonly unknown[],
  node: unknown,
  approvedAt: number | undefined,
): GrantedValue | undefined {
  const approved = approvedAt === undefined ? undefined : approvedAt / 1_000
  return readLeft([text === OWN_NAME ? node : text, held ?? approved, proven, approved])
}

function readLeft(entry: readonly unknown[]): GrantedValue | undefined {
  const [text, held, proven, granted, left = null] = entry
  const [heldAt, grantedAt] = [timeOf(held), timeOf(granted)]
  const [provenAt, leftAt] = [proven === null ? null : timeOf(proven), left === null ? null : timeOf(left)]
  if (!isText(text) || heldAt === undefined || grantedAt === undefined) return undefined
  if (provenAt === undefined || leftAt === undefined) return undefined
  return { claim: claimOf(text), heldAt, grantedAt, ...readProven(provenAt), leftAt }
}

function readProven(time: number | null): Pick<GrantedValue, 'provenAt' | 'sight'> {
  if (time === null) return { provenAt: null, sight: null }
  if (time === 0) return { provenAt: null, sight: 'silent' }
  return { provenAt: Math.abs(time), sight: time < 0 ? 'waiting' : 'own' }
}

function readReleased(entry: readonly unknown[]): Released | undefined {
  const [text, time] = entry
  const at = timeOf(time)
  return isText(text) && at !== undefined ? { claim: claimOf(text), at } : undefined
}

/** A list of lists, each read; undefined if one cannot be. */
function listOf<T>(value: unknown, read: (entry: readonly unknown[]) => T | undefined): T[] | undefined {
  if (!Array.isArray(value)) return undefined
  const all = value.map((entry: unknown) => (Array.isArray(entry) ? read(entry) : undefined))
  const whole = all.filter((entry) => entry !== undefined)
  return whole.length === all.length ? whole : undefined
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function timeOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value * 1_000 : undefined
}
