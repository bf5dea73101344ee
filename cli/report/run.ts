import { writeFile } from 'node:fs/promises'
import { openSession, type Session } from '../cluster/session.ts'
import { failWith } from '../command.ts'
import type { Context } from '../context.ts'
import { EXIT, type Problem } from '../exit-codes.ts'
import { standingsOf } from '../fleet/dial-fleet.ts'
import { newestOf } from '../fleet/read-fleet.ts'
import { progressOn } from '../output/progress.ts'
import { readAssets } from './assets.ts'
import { type Contents, contentsOf } from './contents.ts'
import { type DoctorFinding, readFindings } from './findings.ts'
import type { ReportOptions } from './options.ts'
import { pageOf } from './page.ts'
import { readForReport } from './read.ts'

/** Writes one HTML page of the fleet. */
export async function report(options: ReportOptions, context: Context): Promise<void> {
  const { output, findings: file } = options
  if (output === undefined && context.stdout.columns !== null)
    return await failWith(misused('a page is not for a terminal: pass -o FILE'), context)
  const read = file === undefined ? null : await readFindings(file)
  if (read?.ok === false) return await failWith(read.problem, context)
  const opened = await openSession(options, context.env)
  if (!opened.ok) return await failWith(opened.problem, context)
  const contents = await gather(opened.session, { options, context, findings: read?.findings ?? null })
  await opened.session.cluster.close()
  if (contents !== null) await writePage(contents, output, context)
}

const misused = (message: string): Problem => ({ message, exitCode: EXIT.usage })

async function writePage(contents: Contents, output: string | undefined, context: Context): Promise<void> {
  const page = pageOf(contents, await readAssets())
  if (output === undefined) await context.stdout.write(page)
  else {
    const failed = await writeFile(output, page).then(
      () => null,
      (error: Error) => `${output} cannot be written: ${error.message}`,
    )
    if (failed !== null) return await failWith(misused(failed), context)
    const bytes = Buffer.byteLength(page)
    await context.stdout.write(`${output}: ${contents.nodes.length} nodes, ${bytes} bytes\n`)
  }
  context.finish(EXIT.ok)
}

interface Gathering {
  readonly options: ReportOptions
  readonly context: Context
  readonly findings: readonly DoctorFinding[] | null
}

/** What the page shows; null if the cluster could not be read, which is told. */
async function gather(session: Session, { options, context, findings }: Gathering): Promise<Contents | null> {
  const progress = progressOn(context.stderr)
  await progress.show('reading Nodes and CSRs')
  const read = await readForReport(session)
  if (!read.ok) {
    await progress.clear()
    await failWith(read.problem, context)
    return null
  }
  const { nodes, csrs } = read
  const fleet = { nodes: nodes.map(({ node }) => node), csrs: newestOf(csrs.map(({ csr }) => csr)) }
  const standings = await standingsOf(fleet, session, {
    dials: () => options.dial,
    dialled: (count, all) => void progress.show(`dialled ${count} of ${all} kubelets`),
  })
  await progress.clear()
  const now = session.cluster.clock.serverNow()
  return contentsOf(
    session,
    { nodes, csrs, standings, findings },
    { now, madeBy: `kubelet-csr-gate ${context.version}` },
  )
}
