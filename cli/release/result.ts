import { oneLine, shown } from '../../policies/text.ts'
import { RELEASE_ANNOTATION } from '../../server/ledger/shard.ts'
import type { Output } from '../context.ts'
import { jsonOf as ownersJson, ownersTable } from '../owners/result.ts'
import type { OwnersRead } from '../owners/read.ts'

/** What became of a release. */
export interface Release {
  readonly read: OwnersRead
  /** `refused` and `dryRun`: nothing was written. `notApplied`: it was written, and no controller has taken it in time. */
  readonly outcome: 'refused' | 'dryRun' | 'applied' | 'notApplied'
  /** The ConfigMap with the annotation, `namespace/name`; null if nothing was written. */
  readonly configMap: string | null
  /** Why nothing was written; null if nothing is in the way. */
  readonly because: string | null
}

const BECAUSE_MAX = 1_024

export function textOf(release: Release, now: number, output: Output, wide: boolean): string {
  const { owners } = release.read
  const table = owners.length === 0 ? '' : `${ownersTable(owners, now, output, wide)}\n`
  return `${table}${linesOf(release).join('\n')}\n`
}

function linesOf({ read, outcome, configMap, because }: Release): string[] {
  switch (outcome) {
    case 'refused':
      return [`Nothing was written: ${oneLine(because ?? '', BECAUSE_MAX)}`]
    case 'dryRun':
      return [...effects(read), 'Nothing was written: --dry-run']
    case 'applied':
      return [...effects(read), `The controller has forgotten these grants (ConfigMap ${configMap ?? ''}).`]
    case 'notApplied':
      return [...effects(read), ...whenNotApplied(configMap ?? '')]
  }
}

/** What the controller does, and what a person must do besides. */
function effects({ owners }: OwnersRead): string[] {
  const reporting = new Set(owners.filter(({ leftAt }) => leftAt === null).map(({ node }) => shown(node)))
  return [
    'The controller forgets these grants, also those in stored CSRs, and writes an Event for each holder.',
    ...[...reporting].map(
      (node) => `Node ${node} still reports it: remove it there, else it is granted again, or contested.`,
    ),
  ]
}

function whenNotApplied(configMap: string): string[] {
  const [namespace = '', name = ''] = configMap.split('/')
  return [
    `No controller has taken it. It stays on ConfigMap ${configMap}, and is applied once a controller leads.`,
    'In mode dryRun, the controller writes nothing. To take it back:',
    `  kubectl -n ${namespace} annotate configmap ${name} ${RELEASE_ANNOTATION}-`,
  ]
}

/** The shape that docs/cli.md lists. */
export function jsonOf({ read, outcome, configMap, because }: Release): object {
  return { outcome, configMap, because, ...ownersJson(read) }
}
