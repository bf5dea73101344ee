import { readNode } from '../../server/explain.ts'
import { readList } from '../cluster/read-list.ts'
import { type ClusterOptions, failWith } from '../command.ts'
import type { Context } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { onCluster } from '../on-cluster.ts'
import { writeResult } from '../output/format.ts'
import { patternsFor } from './patterns.ts'
import { rangesFor } from './ranges.ts'

/** Writes chart values that all Nodes fit. */
export async function suggestPolicy(options: ClusterOptions, context: Context): Promise<void> {
  await onCluster(options, context, async (session) => {
    const listed = await readList(session, { title: 'Nodes', path: '/api/v1/nodes', select: readNode })
    if (!listed.ok) return await failWith(listed.problem, context)
    const nodes = listed.items
    if (nodes.length === 0)
      return await failWith({ message: 'there are no Nodes', exitCode: EXIT.finding }, context)
    const patterns = await patternsFor(nodes.flatMap(({ names }) => names))
    const prefixes = rangesFor(nodes.flatMap(({ addresses }) => addresses))
    const policy = { names: { patterns }, addresses: { prefixes } }
    await context.stdout.write(`# All ${nodes.length} Nodes fit. Nodes that join later must fit, too.\n`)
    await writeResult({ json: { policy }, text: () => '' }, 'yaml', context.stdout)
    context.finish(EXIT.ok)
  })
}
