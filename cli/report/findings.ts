import { oneLine } from '../../policies/text.ts'
import { readText } from '../../server/files.ts'
import { isObject, textAt } from '../../server/json.ts'
import type { Json, JsonObject } from '../../server/ports.ts'
import { EXIT, type Problem } from '../exit-codes.ts'

/** A finding of doctor, as its JSON has it. */
export interface DoctorFinding {
  readonly severity: Severity
  readonly id: string
  readonly subject: string
  readonly evidence: string
  readonly fix: string
}

/** The worst first. */
const severities = ['critical', 'warning', 'info', 'notVisible', 'ok'] as const
type Severity = (typeof severities)[number]

type FindingsReading =
  | { readonly ok: true; readonly findings: readonly DoctorFinding[] }
  | { readonly ok: false; readonly problem: Problem }

/** 15,000 nodes with a finding of 500 bytes each. */
const FILE_MAX_BYTES = 8 * 1_024 * 1_024
const TEXT_MAX = 600

/** Reads the findings that `doctor -o json` wrote. */
export async function readFindings(path: string): Promise<FindingsReading> {
  const read = await readText(path, FILE_MAX_BYTES)
  if (!read.ok) return refuse(`${path} ${read.problem}`)
  const clusters = clustersOf(read.text)
  if (clusters === null) return refuse(`${path} is not what doctor -o json writes`)
  const findings = clusters.flatMap((cluster) => arrayOf(cluster['findings']).flatMap(findingOf))
  const rank = ({ severity }: DoctorFinding): number => severities.indexOf(severity)
  return { ok: true, findings: findings.toSorted((one, other) => rank(one) - rank(other)) }
}

function clustersOf(text: string): readonly JsonObject[] | null {
  try {
    const parsed: unknown = JSON.parse(text)
    const clusters = isObject(parsed) ? parsed['clusters'] : undefined
    return Array.isArray(clusters) ? clusters.filter((cluster: Json) => isObject(cluster)) : null
  } catch {
    return null
  }
}

const arrayOf = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : [])

/** An unknown severity is shown as a warning: it may be a new one, and worse. */
function findingOf(value: Json): DoctorFinding[] {
  if (!isObject(value)) return []
  const text = (key: string): string => oneLine(textAt(value, key), TEXT_MAX)
  const severity = severities.find((known) => known === value['severity']) ?? 'warning'
  return [
    { severity, id: text('id'), subject: text('subject'), evidence: text('evidence'), fix: text('fix') },
  ]
}

const refuse = (message: string): FindingsReading => ({
  ok: false,
  problem: { message, exitCode: EXIT.usage },
})
