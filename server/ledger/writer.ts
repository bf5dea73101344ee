import { defaultLimits, type Limits } from '../../policies/limits.ts'
import { objectAt, textAt } from '../json.ts'
import type { Api, ApiAnswer, JsonObject, LedgerWrite, Log } from '../ports.ts'
import type { Ledger } from './ledger.ts'
import {
  configMapsPath,
  DATA_KEY,
  LEDGER_LABEL,
  type LedgerPlace,
  readShard,
  RELEASE_ANNOTATION,
} from './shard.ts'
import { isForgettable } from './record.ts'
import { formatShard, type ShardContent } from './shard-text.ts'

interface WriterDependencies {
  readonly ledger: Ledger
  readonly place: LedgerPlace
  readonly api: Api
  readonly log: Log
  /** Milliseconds since the epoch by the API server's clock. */
  readonly now: () => number
  /** Called right before a write is sent. */
  readonly mayWrite: () => boolean
  readonly limits?: Limits
}

const WRITE_TIMEOUT_MS = 10_000

/** Writes one shard, with the version that was read; after a conflict it is read again. */
export async function writeShard(index: number, dependencies: WriterDependencies): Promise<LedgerWrite> {
  const { ledger, log, limits = defaultLimits } = dependencies
  const { name, resourceVersion } = ledger.stateOf(index)
  const { content, text } = fitted(ledger, index, { limits, now: dependencies.now() })
  if (JSON.stringify(text).length > limits.ledger.textMaxBytes) {
    log.error({ configMap: name, bytes: text.length }, 'the ledger could not be written: it is too large')
    return 'failed'
  }
  const answer =
    resourceVersion === null
      ? await create(name, text, dependencies)
      : await patch(name, { resourceVersion, text, released: ledger.stateOf(index).isApplied }, dependencies)
  if (answer.ok) {
    ledger.written(index, content, textAt(objectAt(answer.object, 'metadata'), 'resourceVersion'))
    return 'written'
  }
  if (answer.reason === 'Withheld') return 'failed'
  if ([404, 409].includes(answer.status)) {
    await readAgain(name, dependencies)
    return 'conflict'
  }
  log.warn(
    { configMap: name, status: answer.status, reason: answer.reason },
    'the ledger could not be written',
  )
  return 'failed'
}

/** The shard as it is written: without those that are gone for longest, where there are too many that decide nothing. */
function fitted(
  ledger: Ledger,
  index: number,
  { limits, now }: { readonly limits: Limits; readonly now: number },
): { readonly content: ShardContent; readonly text: string } {
  const content = ledger.content(index)
  const text = formatShard(content)
  const { goneMaxBytes } = limits.ledger
  const gone = content.nodes.filter((grants) => isForgettable(grants, now, limits))
  if (text.length <= goneMaxBytes || gone.length === 0) return { content, text }
  const each = text.length / content.nodes.length
  const over = Math.ceil((text.length - goneMaxBytes) / each)
  const longest = gone.toSorted((one, two) => (one.goneAt ?? 0) - (two.goneAt ?? 0)).slice(0, over)
  for (const grants of longest) ledger.remove(grants)
  const left = ledger.content(index)
  return { content: left, text: formatShard(left) }
}

async function create(
  name: string,
  text: string,
  { api, place, mayWrite }: WriterDependencies,
): Promise<ApiAnswer> {
  const metadata = { name, namespace: place.namespace, labels: LEDGER_LABEL }
  return await api.call({
    method: 'POST',
    path: configMapsPath(place),
    body: { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { [DATA_KEY]: text } },
    answerAs: 'metadata',
    timeoutMs: WRITE_TIMEOUT_MS,
    maySend: mayWrite,
  })
}

interface Patching {
  readonly resourceVersion: string
  readonly text: string
  /** Whether the operator's annotation was applied and goes. */
  readonly released: boolean
}

/** Others' labels and annotations stay. */
async function patch(
  name: string,
  { resourceVersion, text, released }: Patching,
  { api, place, mayWrite }: WriterDependencies,
): Promise<ApiAnswer> {
  const applied: JsonObject = released ? { annotations: { [RELEASE_ANNOTATION]: null } } : {}
  return await api.call({
    method: 'PATCH',
    path: `${configMapsPath(place)}/${name}`,
    contentType: 'application/merge-patch+json',
    body: { metadata: { resourceVersion, labels: LEDGER_LABEL, ...applied }, data: { [DATA_KEY]: text } },
    answerAs: 'metadata',
    timeoutMs: WRITE_TIMEOUT_MS,
    maySend: mayWrite,
  })
}

async function readAgain(name: string, { api, place, ledger }: WriterDependencies): Promise<void> {
  const answer = await api.call({
    method: 'GET',
    path: `${configMapsPath(place)}/${name}`,
    timeoutMs: WRITE_TIMEOUT_MS,
  })
  if (answer.ok) ledger.read(readShard(answer.object))
  else if (answer.status === 404) ledger.lose(name)
}
