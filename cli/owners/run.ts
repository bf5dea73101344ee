import type { LedgerPlace } from '../../server/ledger/shard.ts'
import { type ClusterOptions, failWith, type FormatOptions } from '../command.ts'
import type { Context } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { onCluster } from '../on-cluster.ts'
import { writeResult } from '../output/format.ts'
import { readOwners } from './read.ts'
import { jsonOf, textOf } from './result.ts'

export interface OwnersOptions extends ClusterOptions, FormatOptions {
  readonly node?: string
  readonly ledger?: LedgerPlace
}

/** Shows who holds what. */
export async function owners(
  values: readonly string[],
  options: OwnersOptions,
  context: Context,
): Promise<void> {
  await onCluster(options, context, async (session) => {
    const reading = await readOwners(session, { values, node: options.node, ledger: options.ledger })
    if (!reading.ok) return await failWith(reading.problem, context)
    const { read } = reading
    const now = session.cluster.clock.serverNow()
    const text = textOf.bind(null, read, now)
    const names = [...new Set(read.owners.map(({ node }) => `node/${node}`))]
    await writeResult({ json: jsonOf(read), text, names }, options.output, context.stdout)
    const isWhole = read.owners.length > 0 && read.free.length + read.unknown.length === 0
    context.finish(isWhole ? EXIT.ok : EXIT.finding)
  })
}
