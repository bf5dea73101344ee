import { objectAt, textAt } from '../../server/json.ts'
import type { Problem } from '../exit-codes.ts'
import { readList } from './read-list.ts'
import type { Session } from './session.ts'

type SelectedNodes =
  | { readonly ok: true; readonly has: (name: string) => boolean }
  | { readonly ok: false; readonly problem: Problem }

/** The Nodes with the labels of a selector; all of them without one. */
export async function selectedNodes(session: Session, selector: string | undefined): Promise<SelectedNodes> {
  if (selector === undefined) return { ok: true, has: () => true }
  const listed = await readList(session, {
    title: 'Nodes',
    path: '/api/v1/nodes',
    labelSelector: selector,
    select: (object) => textAt(objectAt(object, 'metadata'), 'name'),
  })
  if (!listed.ok) return listed
  const names = new Set(listed.items)
  return { ok: true, has: (name) => names.has(name) }
}
