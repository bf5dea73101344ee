import { fail, pass, unknown } from './check.ts'
import { shownNode } from './node-name.ts'
import { listed } from './text.ts'
import type { ClusterStage, NodeFacts, Outcome } from './types.ts'

interface Wanted {
  /** As the request has them. */
  readonly asked: readonly string[]
  /** What the Node reports of the same kind. */
  readonly reported: (node: NodeFacts) => readonly string[]
  /** The spelling by which they compare; default as they are. */
  readonly fold?: (value: string) => string
  /** As text, of any length and with any character. */
  readonly show: (value: string) => string
  readonly kind: 'address' | 'name'
  /** What an operator should look at. */
  readonly check: string
}

/** Fails what the requester's Node does not report. */
export function areReported(facts: ClusterStage, wanted: Wanted): Outcome {
  const { asked, reported, fold = (value) => value } = wanted
  const { node } = facts.cluster
  if (asked.length === 0) return pass
  if (!node.known) return unknown(node.because)
  const own = node.value === null ? [] : reported(node.value)
  const foreign = asked.filter((value) => !own.includes(fold(value)))
  if (foreign.length === 0) return pass
  const said = `${listed(foreign.map(wanted.show))} ${isNone(foreign.length, wanted.kind)} of ${shownNode(facts.csr.requester.username)}`
  return fail(`${said}${describe(node.value, wanted)}`, { publicDetail: `${said}. ${wanted.check}` })
}

function isNone(count: number, kind: Wanted['kind']): string {
  if (count > 1) return `are not ${kind === 'name' ? 'names' : 'addresses'}`
  return `is not ${kind === 'name' ? 'a name' : 'an address'}`
}

function describe(node: NodeFacts | null, { reported, show, check }: Wanted): string {
  if (node === null) return ', which does not exist'
  return ` (it has ${listed(reported(node).map(show))}). ${check}`
}
