/** The ledger's ConfigMaps as they are stored, and what may happen to them. */
import { listOf } from '../../kit/kubelet/csr.ts'
import { DATA_KEY, LEDGER_SELECTOR } from '../../../server/ledger/shard.ts'
import { parseShard } from '../../../server/ledger/shard-text.ts'
import { objectAt, textAt } from '../../../server/json.ts'
import type { Cluster } from '../../kit/cluster.ts'

const CONFIG_MAPS = '/api/v1/namespaces/kubelet-csr-gate/configmaps'

interface Stored {
  readonly name: string
  readonly text: string
}

interface LedgerFigures {
  /** Of all ConfigMaps, as they are in the API. */
  readonly bytes: number
  /** Of the largest. */
  readonly largest: number
  /** Nodes in the ConfigMaps that can be read. */
  readonly nodes: number
  readonly unreadable: number
}

/** What becomes of the text of one ConfigMap; null: the ConfigMap is deleted. */
export const damages: Readonly<Record<string, (text: string) => string | null>> = {
  deleted: () => null,
  truncated: (text) => text.slice(0, -10),
  'edited by hand': (text) => text.replace('"csr"', "'csr'"),
  'of no version': (text) => text.replace('"version":1', '"version":0'),
  'of a newer version': (text) => text.replace('"version":1', '"version":2'),
}

async function storedIn(cluster: Cluster): Promise<readonly Stored[]> {
  const all = await listOf(cluster, `${CONFIG_MAPS}?labelSelector=${encodeURIComponent(LEDGER_SELECTOR)}`)
  return all.map((object) => ({
    name: textAt(objectAt(object, 'metadata'), 'name'),
    text: textAt(objectAt(object, 'data'), DATA_KEY),
  }))
}

export async function figuresOf(cluster: Cluster): Promise<LedgerFigures> {
  const texts = (await storedIn(cluster)).map(({ text }) => text)
  const sizes = texts.map((text) => Buffer.byteLength(text))
  const readings = texts.map(parseShard)
  return {
    bytes: sizes.reduce((total, size) => total + size, 0),
    largest: Math.max(0, ...sizes),
    nodes: readings.reduce((total, one) => total + (one.kind === 'whole' ? one.nodes.length : 0), 0),
    unreadable: readings.filter(({ kind }) => kind !== 'whole').length,
  }
}

/** Damages all that have Nodes in them. */
export async function damageLedger(cluster: Cluster, how: (text: string) => string | null): Promise<void> {
  for (const { name, text } of await storedIn(cluster)) {
    const left = how(text)
    const path = `${CONFIG_MAPS}/${name}`
    const { status } =
      left === null
        ? await cluster.adminRequest('DELETE', path)
        : await cluster.adminRequest('PATCH', path, { data: { [DATA_KEY]: left } })
    if (status !== 200) throw new Error(`${path}: ${status}`)
  }
}
