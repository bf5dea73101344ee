import { nodeName } from '../../policies/node-name.ts'
import type { NodeFacts } from '../../policies/types.ts'
import type { Clock, Store } from '../ports.ts'

/** Whoever holds a bootstrap token creates Nodes at will, but none that has been there for this long. */
const ESTABLISHED_MS = 10 * 60_000

export interface EstablishedParts {
  readonly nodes: Pick<Store<NodeFacts>, 'get'>
  readonly clock: Pick<Clock, 'serverNow'>
}

/** Tells the users whose Node has been there for a while: what is scarce is kept for them, so that newcomers cannot use it up. */
export function establishedUsers({ nodes, clock }: EstablishedParts): (username: string) => boolean {
  return (username) => {
    const node = nodes.get(nodeName(username) ?? '')
    return node !== undefined && clock.serverNow() - node.createdAt > ESTABLISHED_MS
  }
}
