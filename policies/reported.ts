import { fail, pass, unknown } from './check.ts'
import { nodeName } from './node-name.ts'
import { listed, shown } from './text.ts'
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
  return foreign.length === 0 ? pass : fail(describe(facts, foreign, wanted))
}

function describe(
  { csr, cluster: { node } }: ClusterStage,
  foreign: readonly string[],
  wanted: Wanted,
): string {
  const { kind, show, reported, check } = wanted
  const are =
    foreign.length > 1
      ? `are not ${kind === 'name' ? 'names' : 'addresses'}`
      : `is not ${kind === 'name' ? 'a name' : 'an address'}`
  const name = shown(nodeName(csr.requester.username) ?? csr.requester.username)
  const said = `${listed(foreign.map(show))} ${are} of Node ${name}`
  if (!node.known || node.value === null) return `${said}, which does not exist`
  return `${said} (it has ${listed(reported(node.value).map(show))}). ${check}`
}
