/** How the API server authenticates a node: kubernetes pkg/auth/nodeidentifier/default.go. */
export const NODES_GROUP = 'system:nodes'
const PREFIX = 'system:node:'
/** A Node's name is an RFC 1123 subdomain: k8s.io/apimachinery/pkg/api/validation NameIsDNSSubdomain. */
const NODE_NAME = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/u

/** The name of the Node whose user this is, undefined when it is no node's. */
export function nodeName(username: string): string | undefined {
  if (!username.startsWith(PREFIX)) return undefined
  const name = username.slice(PREFIX.length)
  return name.length <= 253 && NODE_NAME.test(name) ? name : undefined
}
