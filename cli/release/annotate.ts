import { oneLine } from '../../policies/text.ts'
import type { JsonObject } from '../../server/ports.ts'
import {
  configMapsPath,
  LEDGER_SELECTOR,
  type LedgerPlace,
  RELEASE_ANNOTATION,
  selectShard,
  type Shard,
  shardNames,
  shardOf,
} from '../../server/ledger/shard.ts'
import { RELEASES_MAX, valuesIn } from '../../server/ledger/release.ts'
import type { Owner } from '../owners/owners-of.ts'
import { problemOf } from '../cluster/refusal.ts'
import { readList } from '../cluster/read-list.ts'
import type { Session } from '../cluster/session.ts'
import { EXIT, type Problem } from '../exit-codes.ts'

interface Asked {
  readonly place: LedgerPlace
  readonly values: readonly string[]
  readonly owners: readonly Owner[]
}

type Failed = { readonly ok: false; readonly problem: Problem }
type Written = { readonly ok: true; readonly configMap: string } | Failed

/** A controller writes each ConfigMap rarely, so a second conflict is rare and a third is none. */
const TRIES = 3
const MESSAGE_MAX = 300

/** Writes the annotation, with the version that was read. Returns the name of the ConfigMap. */
export async function annotate(session: Session, asked: Asked): Promise<Written> {
  for (let attempt = 1; ; attempt += 1) {
    const chosen = await choose(session, asked)
    if (!chosen.ok) return chosen
    const { name, resourceVersion } = chosen.shard
    const annotations = annotationOf(chosen.shard, asked.values)
    if (annotations === null)
      return refuse(`ConfigMap ${name} has an annotation that is too long. Wait until it is applied`)
    const answer = await session.cluster.call({
      method: 'PATCH',
      path: `${configMapsPath(asked.place)}/${name}`,
      contentType: 'application/merge-patch+json',
      body: { metadata: { resourceVersion, annotations } },
      answerAs: 'metadata',
    })
    if (answer.ok) return { ok: true, configMap: name }
    if (answer.status === 403) return forbidden(name, answer.message)
    if (answer.status !== 409 || attempt === TRIES)
      return { ok: false, problem: problemOf(answer, `ConfigMap ${name}`, session.server) }
  }
}

/** That of a holder. The controller reads no annotation where it cannot read the grants: then any other. */
async function choose(
  session: Session,
  { place, owners }: Asked,
): Promise<{ readonly ok: true; readonly shard: Shard } | Failed> {
  const listed = await readList(session, {
    title: 'The ConfigMaps of the ledger',
    path: configMapsPath(place),
    labelSelector: LEDGER_SELECTOR,
    select: selectShard(place),
  })
  if (!listed.ok) return listed
  const readable = listed.items.filter(({ reading }) => reading.kind === 'whole')
  const own = new Set(owners.map(({ node }) => shardNames(place)[shardOf(node)]))
  const shard = readable.find(({ name }) => own.has(name)) ?? readable[0]
  if (shard !== undefined) return { ok: true, shard }
  return refuse(`the ledger ${place.namespace}/${place.name} has no ConfigMap that can be read`)
}

/** What another operator wrote and nobody has applied yet stays. */
function annotationOf({ release }: Shard, values: readonly string[]): JsonObject | null {
  const all = [...new Set([...valuesIn(release), ...values])]
  return all.length > RELEASES_MAX ? null : { [RELEASE_ANNOTATION]: all.join(' ') }
}

function forbidden(configMap: string, message: string): Failed {
  const because = oneLine(message, MESSAGE_MAX)
  const problem = {
    message: `ConfigMap ${configMap} may not be patched (403): ${because}`,
    exitCode: EXIT.notSeen,
  }
  return { ok: false, problem }
}

const refuse = (message: string): Failed => ({ ok: false, problem: { message, exitCode: EXIT.finding } })
