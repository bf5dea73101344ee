import { shown } from './text.ts'

/** How the API server authenticates a node: kubernetes pkg/auth/nodeidentifier/default.go. */
export const NODES_GROUP = 'system:nodes'
const PREFIX = 'system:node:'
/** A Node's name is an RFC 1123 subdomain: k8s.io/apimachinery/pkg/api/validation NameIsDNSSubdomain. */
const NODE_NAME = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/u

/** Whether a user claims to be a node, under a valid name or not. */
export function isNodeUser(username: string): boolean {
  return username.startsWith(PREFIX)
}

/** The name of the Node whose user this is, undefined when it is no node's. */
export function nodeName(username: string): string | undefined {
  if (!isNodeUser(username)) return undefined
  const name = username.slice(PREFIX.length)
  return name.length <= 253 && NODE_NAME.test(name) ? name : undefined
}

/** The user of the Node of that name. */
export function nodeUser(name: string): string {
  return `${PREFIX}${name}`
}

/** `Node worker-1`, for a sentence. */
export function shownNode(username: string): string {
  return `Node ${shown(nodeName(username) ?? username)}`
}
