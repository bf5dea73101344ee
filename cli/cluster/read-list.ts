import { setTimeout as sleep } from 'node:timers/promises'
import type { Discovery, Listing } from '../../server/kube/list.ts'
import type { JsonObject } from '../../server/ports.ts'
import type { Problem } from '../exit-codes.ts'
import { quietLog } from './quiet.ts'
import { problemOf } from './refusal.ts'
import type { Session } from './session.ts'

export interface ListWanted<T> extends Listing {
  /** The plural of its objects, such as `Nodes`. */
  readonly title: string
  /** What is kept of an object; undefined for nothing. */
  readonly select: (object: JsonObject) => T | undefined
  /** For a resource that a server may lack. */
  readonly discovery?: Discovery
}

export type ListRead<T> =
  | {
      readonly ok: true
      readonly items: readonly T[]
      /** The server has no such resource. */
      readonly absent: boolean
      /** Objects that are too large or too deep to be read. */
      readonly unreadable: number
    }
  | { readonly ok: false; readonly problem: Problem }

/** A page that failed is asked for again this often. */
const RETRIES = 2
const RETRY_AFTER_MS = 500

/** Reads a list once, page by page, and keeps of each object what `select` returns. */
export async function readList<T>({ cluster, server }: Session, wanted: ListWanted<T>): Promise<ListRead<T>> {
  const { listInto } = await import('../../server/kube/list.ts')
  const { ObjectStore } = await import('../../server/kube/store.ts')
  const { title, select } = wanted
  const store = new ObjectStore<T>({ name: title, select, log: quietLog })
  const giveUp = new AbortController()
  const listed = await listInto(store, {
    ...wanted,
    cluster,
    signal: giveUp.signal,
    firstPage: () => undefined,
    async pageFailed(_why, failures) {
      if (failures > RETRIES) giveUp.abort()
      else await sleep(RETRY_AFTER_MS)
    },
  })
  if (typeof listed === 'object') return { ok: false, problem: problemOf(listed, title, server) }
  const items = [...store.values()]
  return { ok: true, items, absent: listed === 'absent', unreadable: store.size - items.length }
}
