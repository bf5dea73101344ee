import { openSession } from '../cluster/session.ts'
import { type ClusterOptions, failWith, type FormatOptions } from '../command.ts'
import type { Context } from '../context.ts'
import { diagnose, isProblem } from '../diagnose/diagnose.ts'
import { gather } from '../diagnose/gather.ts'
import { EXIT } from '../exit-codes.ts'
import { writeResult } from '../output/format.ts'
import { type Progress, progressOn } from '../output/progress.ts'
import { type Examined, jsonOf } from './result.ts'
import { textOf } from './text.ts'

export interface DoctorOptions extends ClusterOptions, FormatOptions {
  readonly allContexts: boolean
}

/** Examines one cluster, or that of each context. */
export async function doctor(options: DoctorOptions, context: Context): Promise<void> {
  const contexts = options.allContexts ? await contextsIn(options, context.env) : null
  if (contexts !== null && !contexts.ok)
    return await failWith({ message: contexts.message, exitCode: EXIT.usage }, context)
  const chosen = contexts === null ? [options] : contexts.names.map((name) => ({ ...options, context: name }))
  const progress = progressOn(context.stderr)
  const examined: Examined[] = []
  // One after the other: a login may ask the user something.
  for (const one of chosen) examined.push(await examine(one, context.env, progress))
  await progress.clear()
  const [first] = examined
  if (contexts === null && first?.problem != null) return await failWith(first.problem, context)
  await writeResult(
    { json: jsonOf(examined), text: (output) => textOf(examined, output) },
    options.output,
    context.stdout,
  )
  context.finish(exitCodeOf(examined))
}

async function examine(options: ClusterOptions, env: Context['env'], progress: Progress): Promise<Examined> {
  const opened = await openSession(options, env)
  if (!opened.ok)
    return { context: options.context ?? '', server: '', version: '', findings: [], problem: opened.problem }
  const { context, server, version, cluster } = opened.session
  const named = `${context}: `
  await progress.show(`${named}reading the cluster`)
  try {
    const facts = await gather(opened.session, {
      dials: () => true,
      dialled: (count, all) => void progress.show(`${named}dialled ${count} of ${all} kubelets`),
    })
    // Without Nodes and CSRs nothing is known of any kubelet: that is no clean bill.
    const problem =
      facts.nodes.known || facts.csrs.known ? null : { message: facts.nodes.because, exitCode: EXIT.cluster }
    return { context, server, version, findings: diagnose(facts), problem }
  } finally {
    await cluster.close()
  }
}

function exitCodeOf(examined: readonly Examined[]): number {
  const problem = examined.find((one) => one.problem !== null)?.problem
  if (problem != null) return problem.exitCode
  return examined.some(({ findings }) => findings.some(isProblem)) ? EXIT.finding : EXIT.ok
}

type Contexts =
  | { readonly ok: true; readonly names: readonly string[] }
  | { readonly ok: false; readonly message: string }

async function contextsIn({ kubeconfig }: ClusterOptions, env: Context['env']): Promise<Contexts> {
  const { loadKubeConfig } = await import('../../server/kube/kubeconfig.ts')
  try {
    const config = loadKubeConfig({ ...(kubeconfig !== undefined && { kubeconfig }), env })
    return { ok: true, names: config.getContexts().map(({ name }) => name) }
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) }
  }
}
