import { decideWithoutChecks } from './evaluate.ts'
import { nodeName } from './node-name.ts'
import { commonNames } from './request.ts'
import { listed } from './text.ts'
import type { Decision, Fault, Identity, Known, ParsedRequest } from './types.ts'

/** The group of all bootstrap tokens, and of the users that other installers bootstrap nodes with. */
export const BOOTSTRAPPERS_GROUP = 'system:bootstrappers'

/** What is known of a bootstrap identity that asks for the client certificate of a node. */
export interface BootstrapFacts {
  readonly caller: Identity
  readonly request: ParsedRequest | Fault
  /** Whether a Node of that name exists. */
  readonly exists: (node: string) => Known<boolean>
}

/**
 * A bootstrap token makes new nodes. kube-controller-manager approves any node's client certificate for it
 * (kubernetes pkg/controller/certificates/approver/sarapprove.go), that of a node which exists, too.
 */
export function judgeBootstrap({ caller, request, exists }: BootstrapFacts, policyHash: string): Decision {
  const decide = (reason: Parameters<typeof decideWithoutChecks>[0], detail?: string) =>
    decideWithoutChecks(reason, policyHash, detail)
  if (!request.readable) return decide('ClientCsrUnreadable', `${request.message} (${request.code})`)
  const [name = '', ...others] = commonNames(request)
  // Go takes the last of several.
  if (others.length > 0)
    return decide(
      'ClientCsrUnreadable',
      `the common names are ${listed([name, ...others])}. Only one is allowed`,
    )
  const node = nodeName(name)
  if (node === undefined || caller.groups.includes(rejoinGroup(node))) return decide('Conforms')
  const found = exists(node)
  if (!found.known)
    return decide(
      'NodesUnknown',
      `whether the Node ${node} exists is not known now. See the log of kubelet-csr-gate`,
    )
  return found.value ? decide('NodeExists', refusalFor(node)) : decide('Conforms')
}

/** A group of tokens has no dots: bootstrapapi.BootstrapGroupPattern. A Node's name has no colons, so two cannot meet. */
export function rejoinGroup(node: string): string {
  return `${BOOTSTRAPPERS_GROUP}:rejoin:${node.replaceAll('.', ':')}`
}

function refusalFor(node: string): string {
  return (
    `the Node ${node} exists, and a bootstrap token cannot obtain its client certificate. To install the machine again, ` +
    `delete the Node, or use a token with the group ${rejoinGroup(node)}`
  )
}
