import { writeFile } from 'node:fs/promises'
import { type ClusterOptions, failWith } from '../command.ts'
import type { Context } from '../context.ts'
import { gather, hiddenIn } from '../diagnose/gather.ts'
import { EXIT } from '../exit-codes.ts'
import { onCluster } from '../on-cluster.ts'
import { progressOn } from '../output/progress.ts'
import { pageOf } from './page.ts'

export interface ReportOptions extends ClusterOptions {
  readonly dial: boolean
}

/** Writes one HTML page of a cluster. @param file null: to standard output */
export async function report(file: string | null, options: ReportOptions, context: Context): Promise<void> {
  if (file === null && context.stdout.columns !== null)
    return await misused('a page is not for a terminal: name a FILE', context)
  await onCluster(options, context, async (session) => {
    const progress = progressOn(context.stderr)
    await progress.show('reading the cluster')
    const facts = await gather(session, {
      dials: () => options.dial,
      dialled: (count, all) => void progress.show(`dialled ${count} of ${all} kubelets`),
    })
    await progress.clear()
    const hidden = hiddenIn(facts)
    if (hidden !== null) return await failWith(hidden, context)
    await writePage(pageOf(session, facts, `kubelet-csr-gate ${context.version}`), file, context)
  })
}

async function writePage(page: string, file: string | null, context: Context): Promise<void> {
  if (file === null) await context.stdout.write(page)
  else {
    const failed = await writeFile(file, page).then(
      () => null,
      (error: Error) => `${file} cannot be written: ${error.message}`,
    )
    if (failed !== null) return await misused(failed, context)
    await context.stdout.write(`${file}: ${Buffer.byteLength(page)} bytes\n`)
  }
  context.finish(EXIT.ok)
}

async function misused(message: string, context: Context): Promise<void> {
  await failWith({ message, exitCode: EXIT.usage }, context)
}
