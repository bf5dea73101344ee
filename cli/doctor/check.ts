import type { Facts } from './facts.ts'

/** From the worst to the best. `notVisible` is never fine: nothing is known. */
export const severities = ['critical', 'warning', 'info', 'notVisible', 'ok'] as const
export type Severity = (typeof severities)[number]

/** What a check found, about one subject. */
export interface Finding {
  /** Of the finding if something is wrong, else of the check. docs/doctor.md lists all. */
  readonly id: string
  readonly severity: Severity
  /** What it is about, such as `Node worker-1`. */
  readonly subject: string
  readonly evidence: string
  /** A command; empty if there is nothing to fix. */
  readonly fix: string
  /** Number of the recommendation in the CIS Kubernetes Benchmark, v1.9 to v1.12, that this answers. */
  readonly cis: string | null
}

/** Something that may be wrong. */
export interface Kind {
  readonly severity: 'critical' | 'warning' | 'info'
  /** What it means for the cluster. */
  readonly means: string
  /** The fixing command. Words in capitals, such as NODE, stand for names that the check gives. */
  readonly fix: string
}

/** What a check says about one subject. */
export type Outcome<Id extends string = string> =
  | {
      readonly found: Id
      readonly subject: string
      readonly evidence: string
      /** For the words in capitals in the fix. */
      readonly names?: Readonly<Record<string, string>>
      /** If it is worse, or less bad, in this cluster. */
      readonly severity?: Kind['severity']
    }
  | { readonly ok: string; readonly subject: string }
  | { readonly notVisible: string; readonly subject: string }

/** A check: pure, from facts to findings. */
export interface Check<Id extends string = string> {
  readonly id: string
  /** What it looks at. */
  readonly asks: string
  readonly cis?: string
  readonly kinds: Readonly<Record<Id, Kind>>
  readonly run: (facts: Facts) => readonly Outcome<Id>[]
}

export function defineCheck<Id extends string>(check: Check<Id>): Check<Id> {
  return check
}

/** The findings of one check. */
export function findingsOf({ id, kinds, run, ...check }: Check, facts: Facts): Finding[] {
  const { cis = null } = check
  return run(facts).map((outcome) => {
    const { subject } = outcome
    if ('ok' in outcome) return { id, severity: 'ok', subject, evidence: outcome.ok, fix: '', cis }
    if ('notVisible' in outcome)
      return { id, severity: 'notVisible', subject, evidence: outcome.notVisible, fix: '', cis }
    const { found, evidence, names = {} } = outcome
    const kind = kinds[found]
    if (kind === undefined) throw new Error(`the check ${id} has no finding ${found}`)
    const { severity, fix } = kind
    return {
      id: found,
      severity: outcome.severity ?? severity,
      subject,
      evidence,
      fix: filled(fix, names),
      cis,
    }
  })
}

function filled(fix: string, names: Readonly<Record<string, string>>): string {
  return fix.replaceAll(/\b[A-Z]+\b/gu, (word) => {
    const name = names[word]
    return name === undefined ? word : shellWord(name)
  })
}

/** Who names an object chose its characters: in a command that people paste, they must stay one word. */
function shellWord(text: string): string {
  return /^[\w.:/][\w.:/-]*$/u.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
