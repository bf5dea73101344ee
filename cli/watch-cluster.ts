import { setTimeout as sleep } from 'node:timers/promises'
import { asciiJson } from '../policies/text.ts'
import type { Session } from './cluster/session.ts'
import type { ClusterOptions, FormatOptions } from './command.ts'
import type { Context } from './context.ts'
import { EXIT } from './exit-codes.ts'
import { exitCodeOf, jsonOf, type Look, type Looked, onCluster, textOf } from './on-cluster.ts'
import { writeResult } from './output/format.ts'

/** From the end of one look to the next: each look lists Nodes and CSRs, and dials every kubelet. */
const REST_MS = 5_000

/** What differs at each look although nothing happened. */
const PASSING: ReadonlySet<string> = new Set(['ageSeconds', 'daysLeft', 'evidence'])

/**
 * Looks at a cluster again and again until SIGINT or SIGTERM. Writes what was seen at first and whenever it has changed, and
 * ends with the exit code of the last look.
 */
export async function watchCluster(
  options: ClusterOptions & FormatOptions,
  context: Context,
  look: Look,
): Promise<void> {
  const stopping = context.nextStop()
  const ending = new AbortController()
  void stopping.then(() => ending.abort())
  await onCluster(options, context, async (session) => {
    let last: Looked | null = null
    while (!ending.signal.aborted) {
      const looked = await Promise.race([lookedBy(look, session), stopping.then(() => null)])
      if (looked === null) break
      if (stateOf(last) !== stateOf(looked)) await writeLook(looked, last === null, options, context)
      last = looked
      await sleep(REST_MS, undefined, { signal: ending.signal }).catch(() => undefined)
    }
    context.finish(last === null ? EXIT.interrupted : exitCodeOf([last]))
  })
}

async function lookedBy(look: Look, session: Session): Promise<Looked> {
  const { context, server, version } = session
  return { context, server, version, view: await look(session, async () => undefined) }
}

function stateOf(looked: Looked | null): string {
  if (looked === null) return ''
  return JSON.stringify(jsonOf(looked), (key, value: unknown) => (PASSING.has(key) ? undefined : value))
}

/** Of several looks, each JSON document is one line, each YAML document begins with `---`, and tables have an empty line between. */
async function writeLook(
  looked: Looked,
  isFirst: boolean,
  { output }: FormatOptions,
  { stdout }: Context,
): Promise<void> {
  const json = { clusters: [jsonOf(looked)] }
  if (output === 'json') return await stdout.write(`${asciiJson(JSON.stringify(json))}\n`)
  if (!isFirst && output !== 'name') await stdout.write(output === 'yaml' ? '---\n' : '\n')
  const names = 'exitCode' in looked.view ? [] : looked.view.names
  await writeResult({ json, text: (to, wide) => textOf(looked, to, wide, false), names }, output, stdout)
}
