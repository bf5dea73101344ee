import { openSession, type Session } from './cluster/session.ts'
import { type ClusterOptions, failWith } from './command.ts'
import type { Context } from './context.ts'

/** Does `work` on the cluster of the options, and closes the connection. A cluster that cannot be reached ends the command. */
export async function onCluster(
  options: ClusterOptions,
  context: Context,
  work: (session: Session) => Promise<void>,
): Promise<void> {
  const opened = await openSession(options, context.env)
  if (!opened.ok) return await failWith(opened.problem, context)
  try {
    await work(opened.session)
  } finally {
    await opened.session.cluster.close()
  }
}
