import type { ClustersOptions, FormatOptions, SelectorOptions } from '../command.ts'
import { selectedNodes } from '../cluster/selected-nodes.ts'
import type { Context } from '../context.ts'
import { isServing, standingsOf } from '../diagnose/diagnose.ts'
import { gatherFleet, hiddenIn } from '../diagnose/gather.ts'
import { type Look, onClusters } from '../on-cluster.ts'
import { watchCluster } from '../watch-cluster.ts'
import { readBelongings } from './belongs.ts'
import { jsonOf, sorted } from './result.ts'
import { belongsText, textOf } from './text.ts'

/** What `status` is called with. */
export interface StatusOptions extends ClustersOptions, FormatOptions, SelectorOptions {
  readonly dial: boolean
  readonly watch: boolean
}

/** Shows how each node stands. */
export async function status(options: StatusOptions, context: Context): Promise<void> {
  const look = lookWith(options)
  await (options.watch ? watchCluster(options, context, look) : onClusters(options, context, look))
}

function lookWith(options: StatusOptions): Look {
  return async (session, show) => {
    await show('reading Nodes and CSRs')
    const selected = await selectedNodes(session, options.selector)
    if (!selected.ok) return selected.problem
    const facts = await gatherFleet(session, {
      dials: ({ name }) => options.dial && selected.has(name),
      dialled: (count, all) => void show(`dialled ${count} of ${all} kubelets`),
    })
    const hidden = hiddenIn(facts)
    if (hidden !== null) return hidden
    const isPlain = options.output === 'table' || options.output === 'name'
    if (!isPlain) await show('reading what was granted')
    const belongings = isPlain ? null : await readBelongings(session)
    const standings = sorted(standingsOf(facts).filter(({ node }) => selected.has(node.name)))
    return {
      json: jsonOf(standings, facts.now, belongings),
      text: (output, wide) =>
        `${textOf(standings, facts.now, output, wide)}${wide ? belongsText(standings, belongings, output) : ''}`,
      names: standings.map(({ node }) => `node/${node.name}`),
      isWell: standings.length > 0 && standings.every(isServing),
    }
  }
}
