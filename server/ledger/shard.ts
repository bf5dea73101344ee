import { objectAt, textAt } from '../json.ts'
import type { Query } from '../kube/informer.ts'
import type { JsonObject } from '../ports.ts'
import { parseShard, type ShardReading } from './shard-text.ts'

/** Where the ledger is kept. */
export interface LedgerPlace {
  readonly namespace: string
  /** The ConfigMaps are called `<name>-00` to `<name>-15`. */
  readonly name: string
}

/** A change rewrites 130 KB at 5,000 Nodes. One ConfigMap may have 1 MiB: enough for 35,000. */
export const SHARDS = 16

/** The label of the ConfigMaps by which they are listed. */
export const LEDGER_LABEL = { 'app.kubernetes.io/component': 'ledger' } as const
/** The same as the API wants it. */
export const LEDGER_SELECTOR = Object.entries(LEDGER_LABEL).flat().join('=')
/** With it an operator releases names and addresses, separated by spaces. */
export const RELEASE_ANNOTATION = 'kubelet-csr-gate.io/release'
/** The key in `data`. */
export const DATA_KEY = 'nodes'

/** One ConfigMap of the ledger. */
export interface Shard {
  readonly name: string
  readonly resourceVersion: string
  readonly reading: ShardReading
  /** The annotation {@link RELEASE_ANNOTATION}, or empty. */
  readonly release: string
}

/** What the ConfigMaps are called; the first group is the name of the ledger. */
export const SHARD_NAME = /^(.+)-(?:0\d|1[0-5])$/u

export function shardNames({ name }: LedgerPlace): string[] {
  return Array.from({ length: SHARDS }, (_, index) => `${name}-${String(index).padStart(2, '0')}`)
}

/** FNV-1a, 32 bits: http://www.isthe.com/chongo/tech/comp/fnv/ */
export function shardOf(node: string): number {
  let hash = 0x811c9dc5
  for (const octet of Buffer.from(node)) hash = Math.imul(hash ^ octet, 0x01000193) >>> 0
  return hash % SHARDS
}

export function configMapsPath({ namespace }: Pick<LedgerPlace, 'namespace'>): string {
  return `/api/v1/namespaces/${namespace}/configmaps`
}

export function shardQuery(place: LedgerPlace): Query<Shard> {
  return {
    name: 'ledger',
    title: 'the ledger',
    path: configMapsPath(place),
    labelSelector: LEDGER_SELECTOR,
    select: selectShard(place),
  }
}

/** Reads the ConfigMaps of the ledger, and no other that has its label. */
export function selectShard(place: LedgerPlace): (object: JsonObject) => Shard | undefined {
  const names = new Set(shardNames(place))
  return (object) => {
    const metadata = objectAt(object, 'metadata')
    const name = textAt(metadata, 'name')
    return names.has(name) ? readShard(object) : undefined
  }
}

export function readShard(object: JsonObject): Shard {
  const metadata = objectAt(object, 'metadata')
  return {
    name: textAt(metadata, 'name'),
    resourceVersion: textAt(metadata, 'resourceVersion'),
    reading: parseShard(textAt(objectAt(object, 'data'), DATA_KEY)),
    release: textAt(objectAt(metadata, 'annotations'), RELEASE_ANNOTATION),
  }
}
