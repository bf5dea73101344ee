import { shown } from '../../policies/text.ts'
import type { LedgerPlace } from '../../server/ledger/shard.ts'
import type { Session } from '../cluster/session.ts'
import { type ClusterOptions, failWith, type FormatOptions } from '../command.ts'
import type { Context } from '../context.ts'
import { EXIT, type Problem } from '../exit-codes.ts'
import { onCluster } from '../on-cluster.ts'
import { writeResult } from '../output/format.ts'
import { progressOn } from '../output/progress.ts'
import { type OwnersRead, readOwners } from '../owners/read.ts'
import { annotate } from './annotate.ts'
import { jsonOf, type Release, textOf } from './result.ts'
import { untilApplied } from './until-applied.ts'

export interface ReleaseOptions extends ClusterOptions, FormatOptions {
  readonly node?: string
  readonly ledger?: LedgerPlace
  readonly dryRun: boolean
  /** Milliseconds. */
  readonly timeout: number
}

/** Gives names and addresses free. The exit code is 0 if that was done, or would be. */
export async function release(
  values: readonly string[],
  options: ReleaseOptions,
  context: Context,
): Promise<void> {
  await onCluster(options, context, async (session) => {
    const released = await releaseIn(session, { values, options, context })
    if ('exitCode' in released) return await failWith(released, context)
    const text = textOf.bind(null, released, session.cluster.clock.serverNow())
    await writeResult({ json: jsonOf(released), text }, options.output, context.stdout)
    context.finish(['applied', 'dryRun'].includes(released.outcome) ? EXIT.ok : EXIT.finding)
  })
}

interface Releasing {
  readonly values: readonly string[]
  readonly options: ReleaseOptions
  readonly context: Context
}

async function releaseIn(session: Session, releasing: Releasing): Promise<Release | Problem> {
  const { values, options, context } = releasing
  // Every holder is read, since every one loses it.
  const reading = await readOwners(session, { values, node: undefined, ledger: options.ledger })
  if (!reading.ok) return reading.problem
  const { read } = reading
  const { place } = read
  const because = refusalOf(read, options.node)
  if (because !== null || place === null)
    return { read, outcome: 'refused', configMap: null, because: because ?? 'there is no ledger' }
  if (options.dryRun) return { read, outcome: 'dryRun', configMap: null, because: null }
  const written = await annotate(session, { place, values, owners: read.owners })
  if (!written.ok) return written.problem
  const { configMap } = written
  const ending = new AbortController()
  void context.nextStop().then(() => ending.abort())
  const progress = progressOn(context.stderr)
  await progress.show('waiting for the controller')
  const { timeout } = options
  const applied = await untilApplied(session, { place, configMap, values, timeout, signal: ending.signal })
  await progress.clear()
  if (ending.signal.aborted && !applied) return interrupted(configMap)
  const at = `${place.namespace}/${configMap}`
  return { read, outcome: applied ? 'applied' : 'notApplied', configMap: at, because: null }
}

/** Why nothing may be written, null if it may. */
function refusalOf({ free, owners, unknown }: OwnersRead, node: string | undefined): string | null {
  if (unknown[0] !== undefined) return `not every holder is known: ${unknown[0]}`
  if (free[0] !== undefined) return `nobody holds ${free[0]}`
  const other = owners.find((owner) => node !== undefined && owner.node !== node)
  return other === undefined
    ? null
    : `Node ${shown(other.node)} holds ${other.value}, and --node names another`
}

function interrupted(configMap: string): Problem {
  const message = `interrupted: the annotation stays on ConfigMap ${configMap} until a controller applies it`
  return { message, exitCode: EXIT.interrupted }
}
