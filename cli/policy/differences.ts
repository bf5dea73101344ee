import type { Settings } from '../../policies/settings.ts'
import { isObject, textAt } from '../../server/json.ts'

/** What a change means for a node: `stricter` refuses more, `looser` approves more. */
type Direction = 'stricter' | 'looser' | 'both' | 'other'

/** A setting that two policies have differently. */
export interface Difference {
  /** Such as `names.patterns`. */
  readonly setting: string
  /** As JSON; a list shows only what the other lacks. */
  readonly before: unknown
  readonly after: unknown
  readonly direction: Direction
  /** What changes for CSRs, in words. Empty if nothing is known of this setting. */
  readonly meaning: string
}

type Judged = Pick<Difference, 'direction' | 'meaning'>
type Compare = (before: unknown, after: unknown) => Judged

const judged = (direction: Direction, meaning: string): Judged => ({ direction, meaning })

/** A list of which a name or address must fit one entry, if there is any. */
function restriction(what: string): Compare {
  return (before, after) => {
    const [old, now] = [listOf(before), listOf(after)]
    if (old.length === 0) return judged('stricter', `${what} are restricted now`)
    if (now.length === 0) return judged('looser', `${what} are no longer restricted`)
    const [removed, added] = [lacking(old, now), lacking(now, old)]
    if (removed.length === 0) return judged('looser', `more ${what} are accepted`)
    if (added.length === 0) return judged('stricter', `fewer ${what} are accepted`)
    return judged('both', `other ${what} are accepted`)
  }
}

/** A list whose entries are refused. */
function exclusion(what: string): Compare {
  return (before, after) => {
    const [removed, added] = [lacking(listOf(before), listOf(after)), lacking(listOf(after), listOf(before))]
    if (removed.length === 0) return judged('stricter', `more ${what} are refused to every node`)
    if (added.length === 0) return judged('looser', `fewer ${what} are reserved`)
    return judged('both', `other ${what} are reserved`)
  }
}

const allowedKeys: Compare = (before, after) => {
  const [removed, added] = [lacking(listOf(before), listOf(after)), lacking(listOf(after), listOf(before))]
  if (removed.length === 0) return judged('looser', 'more kinds of key are accepted')
  if (added.length === 0) return judged('stricter', 'fewer kinds of key are accepted')
  return judged('both', 'other kinds of key are accepted')
}

/** A number of which more is stricter. */
const least: Compare = (before, after) =>
  Number(after) > Number(before)
    ? judged('stricter', 'smaller keys are refused')
    : judged('looser', 'smaller keys are accepted')

/** A number of which null is no limit. */
const longest: Compare = (before, after) => {
  const [old, now] = [before ?? Number.POSITIVE_INFINITY, after ?? Number.POSITIVE_INFINITY]
  return Number(now) < Number(old)
    ? judged('stricter', 'CSRs that ask for a longer lifetime are refused')
    : judged('looser', 'CSRs may ask for a longer lifetime')
}

const patience: Compare = (before, after) =>
  Number(after) < Number(before)
    ? judged('other', 'a CSR that does not match its Node is denied sooner')
    : judged('other', 'a CSR that does not match its Node is denied later')

const modes: Readonly<Record<string, string>> = {
  enforce: 'CSRs that do not conform are refused and denied',
  dryRun: 'nothing is approved, refused or denied: decisions are only reported',
  approveOnly: 'CSRs that conform are approved; nothing is refused or denied',
}

const mode: Compare = (_before, after) =>
  judged(after === 'enforce' ? 'stricter' : 'other', modes[String(after)] ?? '')

const comparisons: Readonly<Record<string, Compare>> = {
  mode,
  clusterDomain: () => judged('other', 'names under another domain are reserved'),
  denyStored: (_before, after) =>
    after === true
      ? judged('other', 'stored CSRs that can never conform are denied')
      : judged('other', 'stored CSRs that can never conform may stay Pending'),
  patienceSeconds: patience,
  foreignRequesters: (_before, after) =>
    after === 'refuse'
      ? judged('stricter', 'CSRs of users that are no nodes are refused')
      : judged('looser', 'CSRs of users that are no nodes are left to another approver'),
  requireAddress: (_before, after) =>
    after === true
      ? judged('stricter', 'CSRs without an IP address are refused')
      : judged('looser', 'CSRs without an IP address are accepted'),
  maxExpirationSeconds: longest,
  'keys.allowed': allowedKeys,
  'keys.rsaMinBits': least,
  'reserved.names': exclusion('names'),
  'reserved.addresses': exclusion('addresses'),
  'names.patterns': restriction('DNS names'),
  'addresses.prefixes': restriction('addresses'),
}

/** Every setting in which the policies differ, in the order of the file. A setting that is new here is compared, too. */
export function differencesOf(before: Settings, after: Settings): Difference[] {
  const [old, now] = [leavesOf(before), leavesOf(after)]
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((setting) => {
    const [was, is] = [old.get(setting), now.get(setting)]
    return same(was, is) ? [] : [differenceOf(setting, was, is)]
  })
}

function differenceOf(setting: string, before: unknown, after: unknown): Difference {
  const compare = comparisons[setting]
  const known = compare === undefined ? judged('other', '') : compare(before, after)
  if (!Array.isArray(before) || !Array.isArray(after)) return { setting, before, after, ...known }
  return { setting, before: lacking(before, after), after: lacking(after, before), ...known }
}

/** The leaves of a tree of settings by their paths. An entry of a list of maps is known by its name. */
function leavesOf(tree: object, path = ''): Map<string, unknown> {
  const leaves = new Map<string, unknown>()
  for (const [key, value] of Object.entries(tree)) {
    const inner = path === '' ? key : `${path}.${key}`
    if (isObject(value)) for (const [deep, leaf] of leavesOf(value, inner)) leaves.set(deep, leaf)
    else if (Array.isArray(value) && value.some(isObject))
      for (const [deep, leaf] of leavesOf(byName(value, inner))) leaves.set(deep, leaf)
    else leaves.set(inner, value)
  }
  return leaves
}

function byName(entries: readonly unknown[], path: string): Record<string, unknown> {
  return Object.fromEntries(
    entries.map((entry, index) => [`${path}[${(isObject(entry) && textAt(entry, 'name')) || index}]`, entry]),
  )
}

function same(one: unknown, other: unknown): boolean {
  if (Array.isArray(one) && Array.isArray(other))
    return lacking(one, other).length === 0 && lacking(other, one).length === 0
  return JSON.stringify(one) === JSON.stringify(other)
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

function lacking(from: readonly unknown[], other: readonly unknown[]): unknown[] {
  const others = new Set(other.map((entry) => JSON.stringify(entry)))
  return from.filter((entry) => !others.has(JSON.stringify(entry)))
}
