import { shown } from '../../policies/text.ts'
import { shellWord } from '../output/shell.ts'
import type { Facts, FleetFacts } from './facts.ts'

/** From the worst to the best. `notVisible` is never fine: nothing is known. */
export const severities = ['critical', 'warning', 'info', 'notVisible', 'ok'] as const
export type Severity = (typeof severities)[number]

/** What a check found, about one subject. */
export interface Finding {
  /** Of the kind if something is wrong, else the id of the check. Never a code that CSRs have in their conditions. */
  readonly code: string
  readonly severity: Severity
  /** What it is about, such as `Node worker-1`. */
  readonly subject: string
  readonly evidence: string
  /** What it means for the cluster; empty if nothing is wrong. */
  readonly means: string
  /** In their order; empty if there is nothing to fix. */
  readonly fix: readonly Step[]
  /** Number of the recommendation in the CIS Kubernetes Benchmark, v1.9 to v1.12, that this answers. */
  readonly cis: string | null
}

/** A step of a fix. Words in capitals, such as NODE, stand for names that the check gives. */
export interface Step {
  /** The machine to type it on. Default: where kubectl is. */
  readonly on?: string
  /** When or why; or what to do where no command does it. */
  readonly about?: string
  /** One line for a POSIX shell, to paste as it is: it overwrites no file, and asks for what it cannot know. */
  readonly run?: string
}

/** Something that may be wrong. */
export interface Kind {
  readonly severity: 'critical' | 'warning' | 'info'
  /** Whether kubectl logs and exec fail for the node where the API server verifies kubelets: it is critical there. */
  readonly breaksLogs?: boolean
  /** What it means for the cluster. */
  readonly means: string
  readonly fix: readonly Step[]
}

/** What a check says about one subject: something is wrong, nothing is, or it cannot be seen. */
export type Outcome<Code extends string = string> =
  | Found<Code>
  | {
      readonly kind: 'ok' | 'notVisible'
      readonly subject?: string | undefined
      readonly evidence: string
    }

export interface Found<Code extends string = string> {
  readonly kind: 'found'
  readonly code: Code
  readonly subject?: string | undefined
  readonly evidence: string
  /** For the words in capitals in the fix. */
  readonly names?: Readonly<Record<string, string>>
  /** If it is worse, or less bad, in this case. */
  readonly severity?: Kind['severity']
}

/** A check: pure, from facts to findings. Those of nodes need no more than the facts of the fleet. */
export interface Check<Code extends string = string, Needs extends FleetFacts = Facts> {
  readonly id: string
  /** Of its outcomes that have none of their own. */
  readonly subject: string
  /** What it looks at. */
  readonly asks: string
  readonly cis?: string
  readonly kinds: Readonly<Record<Code, Kind>>
  readonly run: (facts: Needs) => readonly Outcome<Code>[]
}

export function defineCheck<Code extends string>(check: Check<Code>): Check<Code> {
  return check
}

export function defineNodeCheck<Code extends string>(
  check: Check<Code, FleetFacts>,
): Check<Code, FleetFacts> {
  return check
}

/** The findings of one check. */
export function findingsOf<F extends FleetFacts>(check: Check<string, F>, facts: F): Finding[] {
  const { id, kinds, cis = null } = check
  return check.run(facts).map((outcome) => {
    const { subject = check.subject, evidence } = outcome
    if (outcome.kind !== 'found')
      return { code: id, severity: outcome.kind, subject, evidence, means: '', fix: [], cis }
    const { code, names = {} } = outcome
    const kind = kinds[code]
    if (kind === undefined) throw new Error(`the check ${id} has no finding ${code}`)
    const severity = outcome.severity ?? severityOf(kind, facts)
    const fix = kind.fix.map((step) => filled(step, names))
    return { code, severity, subject, evidence, means: kind.means, fix, cis }
  })
}

function severityOf({ severity, breaksLogs = false }: Kind, facts: FleetFacts): Severity {
  return breaksLogs && verifiesKubelets(facts) ? 'critical' : severity
}

export const KUBELET_CA = 'kubelet-certificate-authority'

/** Whether an API server verifies kubelets, as far as its flags are visible. */
export function verifiesKubelets({ apiServers }: FleetFacts): boolean {
  return apiServers.known && apiServers.value.some(({ flags }) => flags.has(KUBELET_CA))
}

function filled({ on, about, run }: Step, names: Readonly<Record<string, string>>): Step {
  const fill = (text: string, show: (name: string) => string): string =>
    text.replaceAll(/\b[A-Z]+\b/gu, (word) => (names[word] === undefined ? word : show(names[word])))
  return {
    ...(on !== undefined && { on: fill(on, shown) }),
    ...(about !== undefined && { about: fill(about, shown) }),
    ...(run !== undefined && { run: fill(run, shellWord) }),
  }
}
