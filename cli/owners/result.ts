import { oneLine, utc } from '../../policies/text.ts'
import type { Owner } from './owners-of.ts'
import type { Output } from '../context.ts'
import { age } from '../output/age.ts'
import { type Cell, table } from '../output/table.ts'
import type { OwnersRead } from './read.ts'

const columns = [
  { title: 'NAME OR ADDRESS', cut: 'middle' },
  { title: 'NODE', cut: 'middle' },
  { title: 'SINCE' },
  { title: 'PROVEN' },
  { title: 'UNTIL' },
  { title: 'CSR' },
  { title: 'STANDING', cut: 'end' },
] as const

/** What `-o wide` shows besides. */
const wideColumns = [{ title: 'GRANTED' }, { title: 'FROM' }] as const

const LINE_MAX = 1_024

export function textOf(read: OwnersRead, now: number, output: Output, wide: boolean): string {
  const { owners, free, unknown, place } = read
  const lines = [
    ...free.map((value) => `nobody holds ${value}`),
    ...unknown.map((line) => `not known: ${oneLine(line, LINE_MAX)}`),
    ...(place === null ? ['There is no ledger: only stored CSRs show what was granted.'] : []),
    ...(owners.length + free.length === 0 ? ['Nothing of it is held.'] : []),
  ]
  const rows = owners.length === 0 ? '' : ownersTable(owners, now, output, wide)
  return `${rows}${rows === '' || lines.length === 0 ? '' : '\n'}${lines.map((line) => `${line}\n`).join('')}`
}

export function ownersTable(owners: readonly Owner[], now: number, output: Output, wide: boolean): string {
  const rows = owners.map((owner) => [...rowOf(owner, now), ...(wide ? wideCellsOf(owner) : [])])
  return table(wide ? [...columns, ...wideColumns] : columns, rows, output)
}

const wideCellsOf = ({ grantedAt, from }: Owner): Cell[] => [minuteOf(grantedAt), from]

function rowOf(owner: Owner, now: number): Cell[] {
  const { kind, value, node, csr, heldAt, provenAt, notAfter } = owner
  return [
    value,
    node,
    minuteOf(heldAt),
    kind === 'name' ? '-' : provenAt === null ? { text: 'never', tone: 'warning' } : minuteOf(provenAt),
    notAfter === null ? '-' : minuteOf(notAfter),
    csr,
    standingOf(owner, now),
  ]
}

/** Only the ledger knows since when. */
function standingOf({ leftAt, from }: Owner, now: number): Cell {
  if (leftAt === null) return 'reports it'
  const text = from === 'ledger' ? `not reported for ${age(now - leftAt)}` : 'does not report it'
  return { text, tone: 'warning' }
}

/** `2026-01-01 00:00Z` */
const minuteOf = (time: number): string => `${utc(time).slice(0, 'YYYY-MM-DD HH:MM'.length)}Z`

/** The shape that docs/cli.md lists. */
export function jsonOf({ place, owners, free, unknown }: OwnersRead): object {
  return {
    ledger: place === null ? null : `${place.namespace}/${place.name}`,
    owners: owners.map(ownerJson),
    free,
    unknown,
  }
}

function ownerJson({ heldAt, grantedAt, provenAt, notAfter, leftAt, ...owner }: Owner): object {
  return {
    ...owner,
    heldAt: isoOf(heldAt),
    grantedAt: isoOf(grantedAt),
    provenAt: isoOf(provenAt),
    notAfter: isoOf(notAfter),
    leftAt: isoOf(leftAt),
  }
}

const isoOf = (time: number | null): string | null => (time === null ? null : new Date(time).toISOString())
