import type { Known } from '../../../policies/types.ts'
import { objectAt } from '../../../server/json.ts'
import type { Json, JsonObject } from '../../../server/ports.ts'
import { type ListWanted, readList } from '../../cluster/read-list.ts'
import { problemOf } from '../../cluster/refusal.ts'
import type { Session } from '../../cluster/session.ts'

/** Reads one object; null if there is none. */
export async function readObject(
  { cluster, server }: Session,
  path: string,
  what: string,
): Promise<Known<JsonObject | null>> {
  const answer = await cluster.call({ method: 'GET', path })
  if (answer.ok) return { known: true, value: answer.object }
  if (answer.status === 404 && answer.reason === 'NotFound') return { known: true, value: null }
  return { known: false, because: problemOf(answer, what, server).message }
}

/** Reads a list. Objects that cannot be read make all of it unknown. */
export async function readAll<T>(session: Session, wanted: ListWanted<T>): Promise<Known<readonly T[]>> {
  const read = await readList(session, wanted)
  if (!read.ok) return { known: false, because: read.problem.message }
  return { known: true, value: read.items }
}

/** Applies `change` to what is known. */
export function mapKnown<T, R>(known: Known<T>, change: (value: T) => R): Known<R> {
  return known.known ? { known: true, value: change(known.value) } : known
}

/** The list under `key`, as objects. */
export function itemsOf(object: JsonObject, key: string): JsonObject[] {
  const items: Json | undefined = object[key]
  return Array.isArray(items) ? items.map((item: Json) => objectAt(item)) : []
}

/** The strings of a list. */
export function textsOf(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.filter((item: Json) => typeof item === 'string') : []
}
