import { onCluster } from '../on-cluster.ts'
import { type ClusterOptions, failWith, type FormatOptions } from '../command.ts'
import type { Context } from '../context.ts'
import { isServing, standingsOf } from '../diagnose/diagnose.ts'
import { gatherFleet, hiddenIn } from '../diagnose/gather.ts'
import { EXIT } from '../exit-codes.ts'
import { writeResult } from '../output/format.ts'
import { progressOn } from '../output/progress.ts'
import { jsonOf, sorted } from './result.ts'
import { textOf } from './text.ts'

/** What `status` is called with. */
export interface StatusOptions extends ClusterOptions, FormatOptions {
  readonly dial: boolean
}

/** Shows how each node stands. */
export async function status(options: StatusOptions, context: Context): Promise<void> {
  await onCluster(options, context, async (session) => {
    const progress = progressOn(context.stderr)
    await progress.show('reading Nodes and CSRs')
    const facts = await gatherFleet(session, {
      dials: () => options.dial,
      dialled: (count, all) => void progress.show(`dialled ${count} of ${all} kubelets`),
    })
    await progress.clear()
    const hidden = hiddenIn(facts)
    if (hidden !== null) return await failWith(hidden, context)
    const shown = sorted(standingsOf(facts))
    const json = jsonOf(session, shown, facts.now)
    const text = textOf.bind(null, shown, facts.now)
    await writeResult({ json, text }, options.output, context.stdout)
    const allServe = shown.length > 0 && shown.every(isServing)
    context.finish(allServe ? EXIT.ok : EXIT.finding)
  })
}
