import { openSession } from '../cluster/session.ts'
import { failWith } from '../command.ts'
import type { Context } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { standingsOf } from '../fleet/dial-fleet.ts'
import { readFleet } from '../fleet/read-fleet.ts'
import { isServing } from '../fleet/standing.ts'
import { writeResult } from '../output/format.ts'
import { progressOn } from '../output/progress.ts'
import type { StatusOptions } from './options.ts'
import { jsonOf, sorted } from './result.ts'
import { textOf } from './text.ts'

/** Shows how each node stands. */
export async function status(options: StatusOptions, context: Context): Promise<void> {
  const opened = await openSession(options, context.env)
  if (!opened.ok) return await failWith(opened.problem, context)
  const { session } = opened
  const progress = progressOn(context.stderr)
  await progress.show('reading Nodes and CSRs')
  const read = await readFleet(session)
  if (read.ok) {
    const standings = await standingsOf(read.fleet, session, {
      dials: () => options.dial,
      dialled: (count, all) => void progress.show(`dialled ${count} of ${all} kubelets`),
    })
    await progress.clear()
    const now = session.cluster.clock.serverNow()
    const shown = sorted(standings)
    const json = jsonOf(session, shown, now)
    await writeResult({ json, text: (output) => textOf(shown, now, output) }, options.output, context.stdout)
    const allServe = shown.length > 0 && shown.every(isServing)
    context.finish(allServe ? EXIT.ok : EXIT.finding)
  } else {
    await progress.clear()
    await failWith(read.problem, context)
  }
  await session.cluster.close()
}
