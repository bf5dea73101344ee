import { isDeepStrictEqual } from 'node:util'
import { nodeName } from '../../policies/node-name.ts'
import { addresses, dnsNames, foldCase } from '../../policies/request.ts'
import type { CsrObject, Fault, NodeFacts, ParsedRequest } from '../../policies/types.ts'
import type { Change } from '../ports.ts'

/**
 * CSRs that wait for a fact to change, by what they were judged by: their own Node, and every name and address they ask
 * for, which another Node may begin or cease to report.
 */
export class Waiting {
  readonly #askedBy = new Map<string, { readonly node: string; readonly asked: ReadonlySet<string> }>()

  remember({ name, requester }: CsrObject, request: ParsedRequest | Fault): void {
    const asked = request.readable ? [...dnsNames(request).map(foldCase), ...addresses(request)] : []
    this.#askedBy.set(name, { node: nodeName(requester.username) ?? '', asked: new Set(asked) })
  }

  forget(name: string): void {
    this.#askedBy.delete(name)
  }

  names(): Iterable<string> {
    return this.#askedBy.keys()
  }

  /** The CSRs whose judgement the change of a Node may turn. */
  touchedBy({ key, before, after }: Change<NodeFacts>): string[] {
    if (isDeepStrictEqual(before, after)) return []
    const moved = difference(claimsOf(before), claimsOf(after))
    return [...this.#askedBy]
      .filter(([, { node, asked }]) => node === key || moved.some((claim) => asked.has(claim)))
      .map(([name]) => name)
  }
}

/** A Node claims what it reports, and its own name. */
function claimsOf(node: NodeFacts | undefined): ReadonlySet<string> {
  return new Set(node === undefined ? [] : [foldCase(node.name), ...node.names, ...node.addresses])
}

function difference(one: ReadonlySet<string>, other: ReadonlySet<string>): string[] {
  return [...one].filter((claim) => !other.has(claim)).concat([...other].filter((claim) => !one.has(claim)))
}
