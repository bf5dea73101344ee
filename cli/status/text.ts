import type { Output } from '../context.ts'
import type { FleetCsr } from '../fleet/read-fleet.ts'
import { age } from '../fleet/finding.ts'
import type { Serving } from '../fleet/serving.ts'
import { daysLeft, type Standing } from '../fleet/standing.ts'
import { styled, type Tone } from '../output/style.ts'
import { type Cell, table } from '../output/table.ts'
import { summaryOf } from './result.ts'

const columns = [
  { title: 'NODE', cut: 'middle' },
  { title: 'READY' },
  { title: 'ASKED', align: 'right' },
  { title: 'APPROVED' },
  { title: 'ISSUED' },
  { title: 'SERVING' },
  { title: 'DAYS', align: 'right' },
  { title: 'FINDING', cut: 'end' },
] as const

const servings: Readonly<Record<Serving, { readonly text: string; readonly tone: Tone }>> = {
  yes: { text: 'yes', tone: 'good' },
  noCertificate: { text: 'no', tone: 'bad' },
  selfMade: { text: 'self-made', tone: 'bad' },
  otherCa: { text: 'other CA', tone: 'bad' },
  otherNode: { text: 'other node', tone: 'bad' },
  expired: { text: 'expired', tone: 'bad' },
  notVisible: { text: 'not visible', tone: 'warning' },
  unknown: { text: 'unknown', tone: 'faint' },
}

/** A row per node, and a line about all. */
export function textOf(standings: readonly Standing[], now: number, output: Output): string {
  if (standings.length === 0) return 'There are no Nodes.\n'
  return `${tableOf(standings, now, output)}\n${summaryLine(standings, output)}`
}

/** A row per node. */
export function tableOf(standings: readonly Standing[], now: number, output: Output): string {
  return table(
    columns,
    standings.map((standing) => rowOf(standing, now)),
    output,
  )
}

function rowOf({ node, csr, serving, certificate, finding }: Standing, now: number): Cell[] {
  return [
    node.name,
    node.ready ? 'yes' : { text: 'no', tone: 'warning' },
    csr === null ? '-' : age(now - csr.createdAt),
    approvedCell(csr),
    issuedCell(csr),
    servings[serving],
    certificate === null ? '-' : String(daysLeft(certificate, now)),
    finding?.message ?? '',
  ]
}

function approvedCell(csr: FleetCsr | null): Cell {
  if (csr === null) return '-'
  if (csr.state === 'denied') return { text: 'denied', tone: 'bad' }
  return csr.state === 'pending' ? { text: 'no', tone: 'warning' } : 'yes'
}

function issuedCell(csr: FleetCsr | null): Cell {
  if (csr === null) return '-'
  if (csr.state === 'failed') return { text: 'failed', tone: 'bad' }
  return csr.state === 'issued' ? 'yes' : { text: 'no', tone: 'warning' }
}

function summaryLine(standings: readonly Standing[], output: Output): string {
  const { nodes, serving, pending, notVisible } = summaryOf(standings)
  const tone = serving === nodes ? 'good' : 'bad'
  const counts = [
    styled(`${serving} of ${nodes} nodes serve a certificate of the cluster`, tone, output),
    ...(pending > 0 ? [`${pending} wait for approval`] : []),
    ...(notVisible > 0 ? [`${notVisible} not visible from here`] : []),
  ]
  return `${counts.join(', ')}\n`
}
