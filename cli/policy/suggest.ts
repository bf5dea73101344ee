import { readNode } from '../../server/explain.ts'
import type { NodeFacts } from '../../policies/types.ts'
import { type ListRead, readList } from '../cluster/read-list.ts'
import { openSession } from '../cluster/session.ts'
import { type ClusterOptions, failWith } from '../command.ts'
import type { Context } from '../context.ts'
import { EXIT, type Problem } from '../exit-codes.ts'
import { selectSubject, type Subject } from '../explain/subject.ts'
import { readObjects } from '../migrate/read.ts'
import { writeResult } from '../output/format.ts'
import { csrList } from '../stored/csr-list.ts'
import { patternsFor } from './patterns.ts'
import { rangesFor } from './ranges.ts'
import { refusedLines } from './refused.ts'

export interface SuggestOptions extends ClusterOptions {
  readonly nodes?: string
}

type NodesRead =
  | {
      readonly ok: true
      readonly nodes: readonly NodeFacts[]
      /** The stored CSRs; null without a cluster. */
      readonly csrs: ListRead<Subject> | null
    }
  | { readonly ok: false; readonly problem: Problem }

/** Writes chart values that all Nodes fit. */
export async function suggestPolicy(options: SuggestOptions, context: Context): Promise<void> {
  const read =
    options.nodes === undefined
      ? await nodesOfCluster(options, context)
      : await nodesOfFile(options.nodes, context)
  if (!read.ok) return await failWith(read.problem, context)
  const { nodes } = read
  if (nodes.length === 0)
    return await failWith({ message: 'there are no Nodes', exitCode: EXIT.finding }, context)
  const patterns = await patternsFor(nodes.flatMap(({ names }) => names))
  const prefixes = rangesFor(nodes.flatMap(({ addresses }) => addresses))
  const policy = { names: { patterns }, addresses: { prefixes } }
  const comments = [
    `All ${nodes.length} Nodes fit. Nodes that join later must fit, too.`,
    ...(read.csrs === null ? [] : await refusedLines(policy, read.csrs)),
  ]
  await context.stdout.write(comments.map((line) => `# ${line}\n`).join(''))
  await writeResult({ json: { policy }, text: () => '' }, 'yaml', context.stdout)
  context.finish(EXIT.ok)
}

async function nodesOfFile(file: string, { stdin }: Context): Promise<NodesRead> {
  const read = await readObjects(file, stdin)
  if (!read.ok) return { ok: false, problem: { message: read.problem, exitCode: EXIT.usage } }
  return { ok: true, nodes: read.objects.flatMap((object) => readNode(object) ?? []), csrs: null }
}

async function nodesOfCluster(options: ClusterOptions, { env }: Context): Promise<NodesRead> {
  const opened = await openSession(options, env)
  if (!opened.ok) return opened
  const { session } = opened
  try {
    const listed = await readList(session, { title: 'Nodes', path: '/api/v1/nodes', select: readNode })
    if (!listed.ok) return listed
    const csrs = await readList(session, { ...csrList, select: selectSubject })
    return { ok: true, nodes: listed.items, csrs }
  } finally {
    await session.cluster.close()
  }
}
