import { contextsIn } from './cluster/contexts.ts'
import { openSession, type Session } from './cluster/session.ts'
import { type ClusterOptions, type ClustersOptions, failWith, type FormatOptions } from './command.ts'
import type { Context, Output } from './context.ts'
import { EXIT, type Problem } from './exit-codes.ts'
import { writeResult } from './output/format.ts'
import { progressOn } from './output/progress.ts'
import { oneLine } from '../policies/text.ts'
import { styled } from './output/style.ts'

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

/** What was seen of one cluster. */
interface View {
  readonly json: object
  readonly text: (output: Output, wide: boolean) => string
  readonly names: readonly string[]
  /** Whether nobody needs to act. */
  readonly isWell: boolean
}

/** @param show tells on stderr what is under way */
export type Look = (session: Session, show: (text: string) => Promise<void>) => Promise<View | Problem>

/** A cluster, and what was seen of it. */
export interface Looked extends Pick<Session, 'context' | 'server' | 'version'> {
  /** Why the cluster could not be looked at, in place of what was seen. */
  readonly view: View | Problem
}

/** Looks at the cluster of the options, or at that of each context, and writes what was seen of all. */
export async function onClusters(
  options: ClustersOptions & FormatOptions,
  context: Context,
  look: Look,
): Promise<void> {
  const chosen = options.allContexts ? await contextsIn(options, context.env) : [options]
  if ('exitCode' in chosen) return await failWith(chosen, context)
  const looked: Looked[] = []
  // One after the other: a login may ask the user something.
  for (const one of chosen) looked.push(await lookAt(one, context, look))
  const [first] = looked
  if (!options.allContexts && first !== undefined && 'exitCode' in first.view)
    return await failWith(first.view, context)
  await writeResult(
    {
      json: { clusters: looked.map(jsonOf) },
      text: (output, wide) => looked.map((one) => textOf(one, output, wide, looked.length > 1)).join('\n'),
      names: looked.flatMap(({ view }) => ('exitCode' in view ? [] : view.names)),
    },
    options.output,
    context.stdout,
  )
  context.finish(exitCodeOf(looked))
}

async function lookAt(options: ClusterOptions, { env, stderr }: Context, look: Look): Promise<Looked> {
  const opened = await openSession(options, env)
  if (!opened.ok) return { context: options.context ?? '', server: '', version: '', view: opened.problem }
  const { context, server, version, cluster } = opened.session
  const progress = progressOn(stderr)
  try {
    const view = await look(opened.session, (text) => progress.show(`${context}: ${text}`))
    return { context, server, version, view }
  } finally {
    await progress.clear()
    await cluster.close()
  }
}

export function jsonOf({ view, ...cluster }: Looked): object {
  return 'exitCode' in view
    ? { ...cluster, problem: view.message }
    : { ...cluster, problem: null, ...view.json }
}

const LINE_MAX = 1_024

export function textOf({ view, ...cluster }: Looked, output: Output, wide: boolean, titled: boolean): string {
  const { context, server, version } = cluster
  const title = styled(oneLine(`${context}  ${server} ${version}`.trimEnd(), LINE_MAX), 'strong', output)
  const text = 'exitCode' in view ? `${oneLine(view.message, LINE_MAX)}\n` : view.text(output, wide)
  return titled ? `${title}\n${text}` : text
}

export function exitCodeOf(looked: readonly Looked[]): number {
  const problems = looked.flatMap(({ view }) => ('exitCode' in view ? [view.exitCode] : []))
  if (problems.length > 0) return Math.max(...problems)
  return looked.every(({ view }) => 'isWell' in view && view.isWell) ? EXIT.ok : EXIT.finding
}
