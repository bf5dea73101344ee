import { readNode } from '../../server/explain.ts'
import { readList } from '../cluster/read-list.ts'
import { type ClusterOptions, failWith, type FormatOptions, type SelectorOptions } from '../command.ts'
import type { Context } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { onCluster } from '../on-cluster.ts'
import { writeResult } from '../output/format.ts'
import { patternsFor } from './patterns.ts'
import { rangesFor } from './ranges.ts'

export interface SuggestOptions extends ClusterOptions, FormatOptions, SelectorOptions {}

/** Writes chart values that all Nodes fit, or all with the labels of a selector. */
export async function suggestPolicy(options: SuggestOptions, context: Context): Promise<void> {
  await onCluster(options, context, async (session) => {
    const listed = await readList(session, {
      title: 'Nodes',
      path: '/api/v1/nodes',
      ...(options.selector !== undefined && { labelSelector: options.selector }),
      select: readNode,
    })
    if (!listed.ok) return await failWith(listed.problem, context)
    const nodes = listed.items
    if (nodes.length === 0)
      return await failWith(
        {
          message: options.selector === undefined ? 'there are no Nodes' : 'no Node has these labels',
          exitCode: EXIT.finding,
        },
        context,
      )
    const patterns = await patternsFor(nodes.flatMap(({ names }) => names))
    const prefixes = rangesFor(nodes.flatMap(({ addresses }) => addresses))
    const policy = { names: { patterns }, addresses: { prefixes } }
    if (options.output === 'yaml')
      await context.stdout.write(
        `# Nodes that fit: ${nodes.length}, which is all. Nodes that join later must fit, too.\n`,
      )
    await writeResult({ json: { policy }, text: () => '' }, options.output, context.stdout)
    context.finish(EXIT.ok)
  })
}
