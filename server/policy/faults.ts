import type { ErrorObject } from 'ajv'
import { FUTURE_KEYS } from '../../policies/settings.ts'
import { quoted } from '../../policies/text.ts'

/** A fault in a policy file. */
export interface PolicyFault {
  /** Keys and indexes from the top. */
  readonly path: readonly (string | number)[]
  /** What is wrong and what is allowed, worded to follow the path. */
  readonly problem: string
}

/** The parts of a JSON schema that faults are described with. */
export interface ValueSchema {
  readonly [keyword: string]: unknown
  readonly title?: string
  readonly enum?: readonly string[]
  readonly type?: string | readonly string[]
  readonly minimum?: number
  readonly maximum?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly properties?: Readonly<Record<string, unknown>>
}

/** Converts Ajv's errors (allErrors, verbose) to faults. */
export function describeErrors(errors: readonly ErrorObject[]): PolicyFault[] {
  return errors.map(describeError)
}

/** Keeps the first fault of each path, so that a string that is both too long and malformed is reported once. */
export function firstPerPath(faults: readonly PolicyFault[]): PolicyFault[] {
  const first = new Map<string, PolicyFault>()
  for (const fault of faults) {
    const place = JSON.stringify(fault.path)
    if (!first.has(place)) first.set(place, fault)
  }
  return [...first.values()]
}

/** A path as text, such as `names.patterns[2]`. The empty path is `the policy`. */
export function pathText(path: readonly (string | number)[]): string {
  const text = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${plain(step)}`)).join('')
  return text === '' ? 'the policy' : text.replace(/^\./u, '')
}

/** The inverse of {@link pathText}, for paths from policies/rules.ts. */
export function pathOf(text: string): (string | number)[] {
  return text.split(/[.[\]]+/u).flatMap((step) => {
    if (step === '') return []
    return [/^\d+$/u.test(step) ? Number(step) : step]
  })
}

function describeError(error: ErrorObject): PolicyFault {
  const path = pointerSteps(error.instancePath)
  const schema: ValueSchema = error.parentSchema ?? {}
  if (error.keyword === 'additionalProperties') {
    const key = String(error.params['additionalProperty'])
    return { path: [...path, key], problem: unknownKey(key, Object.keys(schema.properties ?? {})) }
  }
  if (error.keyword === 'uniqueItems') {
    const [first, second] = [Number(error.params['j']), Number(error.params['i'])].sort((a, b) => a - b)
    return { path: [...path, second ?? 0], problem: `is the same as entry ${first ?? 0}` }
  }
  if (path[0] === 'keys' && FUTURE_KEYS.includes(String(error.data)))
    return {
      path,
      problem: `is ${shown(error.data)}, which the signer cannot read yet: its Go has no ML-DSA`,
    }
  return { path, problem: `is ${shown(error.data)}, must be ${allowedBy(schema)}` }
}

function unknownKey(key: string, known: readonly string[]): string {
  const meant = nearest(key, known)
  return meant === undefined
    ? `is not a setting; known settings: ${known.join(', ')}`
    : `is not a setting; did you mean ${meant}?`
}

function shown(value: unknown): string {
  if (typeof value === 'string') return quoted(value)
  if (value === null || value === undefined) return 'empty'
  if (Array.isArray(value)) return `a list of ${value.length}`
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : 'a map'
}

const typeNames: Readonly<Record<string, string>> = {
  integer: 'a whole number',
  boolean: 'true or false',
  string: 'a string',
  array: 'a list',
  object: 'a map',
  null: 'null',
}

/** What a schema allows, in words. */
export function allowedBy(schema: ValueSchema): string {
  if (schema.title !== undefined) return schema.title
  if (schema.enum !== undefined) return `one of ${schema.enum.join(', ')}`
  const types = [schema.type ?? []].flat().map((type) => typeNames[type] ?? type)
  const [least, most] = [schema.minimum ?? schema.minItems, schema.maximum ?? schema.maxItems]
  return [types.join(' or '), boundsText(least, most)].filter((part) => part !== '').join(', ')
}

function boundsText(least: number | undefined, most: number | undefined): string {
  if (least !== undefined && most !== undefined) return `from ${least} to ${most}`
  if (least !== undefined) return `at least ${least}`
  return most === undefined ? '' : `at most ${most}`
}

/** The steps of a JSON pointer, RFC 6901. A number is an index, since no setting has a number as its name. */
function pointerSteps(pointer: string): (string | number)[] {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((step) => (/^\d+$/u.test(step) ? Number(step) : step))
}

function plain(key: string): string {
  return /^[\w-]{1,64}$/u.test(key) ? key : quoted(key)
}

/** The candidate closest to `word`, if at most a third of its letters differ. */
function nearest(word: string, candidates: readonly string[]): string | undefined {
  const ranked = candidates
    .map((candidate) => ({
      candidate,
      distance: distanceBetween(word.toLowerCase(), candidate.toLowerCase()),
    }))
    .sort((a, b) => a.distance - b.distance)
  const [best] = ranked
  return best !== undefined && best.distance <= Math.max(1, best.candidate.length / 3)
    ? best.candidate
    : undefined
}

/** The longest word that is compared. The cost is its length times the candidate's. */
const WORD_MAX = 64

/** The Levenshtein distance, one row at a time. */
function distanceBetween(a: string, b: string): number {
  if (a.length > WORD_MAX) return a.length
  let row = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (const [index, letter] of Array.from(a).entries()) {
    const next = [index + 1]
    for (const [column, other] of Array.from(b).entries()) {
      const replaced = (row[column] ?? 0) + (letter === other ? 0 : 1)
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
