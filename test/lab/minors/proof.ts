/** What was tried on one minor of Kubernetes, and what came of it. */
import type { Helm } from '../../chart/helm.ts'
import { KUBERNETES, type Minor } from '../../binaries/versions.ts'
import { inColumns } from '../../kit/columns.ts'

/** How many were as they must be, of how many. */
export interface Score {
  readonly good: number
  readonly of: number
}

export interface Proof {
  readonly minor: Minor
  /** The chart's examples that were taken, by Helm. */
  readonly profiles: Readonly<Record<Helm, Score>>
  /** The manifests that were taken, twice and without a warning. */
  readonly manifests: Score
  /** Nodes that got their certificates. */
  readonly issued: number
  /** Hostile requests that the webhook refused. */
  readonly refused: number
  /** Those that the controller alone judged the same. */
  readonly alone: number
  /** Mutated requests whose certificates hold what was judged. */
  readonly signed: Score
  /** Empty when all is as it must be. */
  readonly problems: readonly string[]
  readonly seconds: number
}

const HEAD = [
  '',
  'Kubernetes',
  'profiles, Helm 4',
  'Helm 3',
  'manifests',
  'honest issued',
  'hostile refused',
  'by controller alone',
  'mutants signed',
  'seconds',
] as const

/** One line for each minor, and below it what is wrong with it. */
export function renderProofs(proofs: readonly Proof[]): string {
  const [head, ...lines] = inColumns([HEAD, ...proofs.map(cellsOf)])
  const body = proofs.flatMap(({ problems }, index) => [
    lines[index],
    ...problems.map((problem) => problem.replaceAll(/^/gm, '    ')),
  ])
  return [head, ...body].join('\n')
}

function cellsOf(proof: Proof): string[] {
  const { minor, profiles, manifests, issued, refused, alone, signed, problems, seconds } = proof
  const score = ({ good, of }: Score): string => `${good} of ${of}`
  return [
    problems.length === 0 ? 'ok' : 'NO',
    KUBERNETES[minor],
    score(profiles.helm),
    score(profiles.helm3),
    score(manifests),
    `${issued}`,
    `${refused}`,
    `${alone}`,
    score(signed),
    seconds.toFixed(0),
  ]
}
