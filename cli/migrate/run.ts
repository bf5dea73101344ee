import { oneLine } from '../../policies/text.ts'
import type { JsonObject } from '../../server/ports.ts'
import { failWith } from '../command.ts'
import type { Context } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { writeResult } from '../output/format.ts'
import { migrateAlex1989hu } from './alex1989hu.ts'
import type { Effect, Migration } from './note.ts'
import { migratePostfinance } from './postfinance.ts'
import { chartValuesIn, readObjects } from './read.ts'

export interface MigrateOptions {
  readonly output: 'yaml' | 'json'
}

/** Writes our values, and as comments what becomes of each setting. */
export async function migrate(
  from: 'postfinance' | 'alex1989hu',
  file: string,
  { output }: MigrateOptions,
  context: Context,
): Promise<void> {
  const read = await readObjects(file, context.stdin)
  if (!read.ok) return await failWith({ message: read.problem, exitCode: EXIT.usage }, context)
  const migration =
    from === 'postfinance'
      ? await migratePostfinance(chartValuesIn(read.objects))
      : migrateManifest(read.objects)
  if (migration === null) {
    const message = `${file}: has no Deployment of kubelet-serving-cert-approver`
    return await failWith({ message, exitCode: EXIT.usage }, context)
  }
  if (output === 'yaml') await context.stdout.write(commentsOf(migration.notes))
  await writeResult(
    { json: output === 'yaml' ? migration.values : migration, text: () => '' },
    output,
    context.stdout,
  )
  context.finish(EXIT.ok)
}

const migrateManifest = (objects: readonly JsonObject[]): Migration | null => migrateAlex1989hu(objects)

const titles: Readonly<Record<Effect, string>> = {
  changed: 'Changed meaning',
  none: 'No equivalent',
  same: 'Same meaning',
}

const NOTE_MAX = 1_024

function commentsOf(notes: Migration['notes']): string {
  const groups = (['changed', 'none', 'same'] as const).map((effect) => {
    const lines = notes
      .filter((note) => note.effect === effect)
      .map(({ setting, text }) => `#   ${oneLine(`${setting}: ${text}`, NOTE_MAX)}\n`)
    return lines.length === 0 ? '' : `# ${titles[effect]}:\n${lines.join('')}`
  })
  return groups.join('')
}
