import { type Bytes, bytes, join, lengthOctets } from '../../kit/requests/der.ts'
import { headerAt } from '../../kit/requests/header.ts'

/** An element that can be changed in any part, and written again as it is, right or wrong. */
export interface Node {
  identifier: Bytes
  /** Overrides the length octets. */
  length: Bytes | null
  /** Octets before the children: the count of unused bits where a BIT STRING holds DER. */
  prefix: Bytes
  /** Null where the content is octets. */
  children: Node[] | null
  content: Bytes
}

export const leaf = (identifier: number, content: Bytes): Node => ({
  identifier: bytes(identifier),
  length: null,
  prefix: bytes(),
  children: null,
  content,
})

export const branch = (identifier: number, children: Node[]): Node => ({
  ...leaf(identifier, bytes()),
  children,
})

export function write(node: Node): Bytes {
  const body = node.children === null ? node.content : join([node.prefix, ...node.children.map(write)])
  return join([node.identifier, node.length ?? lengthOctets(body.length), body])
}

const OCTET_STRING = 0x04
const BIT_STRING = 0x03

/** Reads well-formed DER, into strings of octets too where they hold DER; null for anything else. */
export function readTree(der: Bytes): Node | null {
  const read = readNode(der, 0)
  return read !== null && read.end === der.length ? read.node : null
}

/** Of `spec.request`; null where that is not one PEM block of DER. */
export function treeOfRequest(request: string): Node | null {
  const pem = Buffer.from(request, 'base64').toString('latin1')
  const body = /^-----BEGIN CERTIFICATE REQUEST-----\n([^-]*)-----END/u.exec(pem)?.[1]
  return body === undefined ? null : readTree(Uint8Array.from(Buffer.from(body, 'base64')))
}

function readNode(der: Bytes, start: number): { node: Node; end: number } | null {
  const header = headerAt(der, start, der.length)
  if (header === null) return null
  const { tag, content, end } = header
  return { node: opened(leaf(tag, der.slice(content, end))), end }
}

/** Gives a node its children, where its content is elements. */
function opened(node: Node): Node {
  const [identifier = 0] = node.identifier
  const skip = identifier === BIT_STRING ? 1 : 0
  if ((identifier & 0x20) === 0 && identifier !== OCTET_STRING && identifier !== BIT_STRING) return node
  const children = readAll(node.content.slice(skip))
  const isEmptyString = children?.length === 0 && (identifier & 0x20) === 0
  if (children === null || isEmptyString) return node
  return { ...node, prefix: node.content.slice(0, skip), children }
}

function readAll(content: Bytes): Node[] | null {
  const nodes: Node[] = []
  for (let at = 0; at < content.length; ) {
    const read = readNode(content, at)
    if (read === null) return null
    nodes.push(read.node)
    at = read.end
  }
  return nodes
}

/** A place in the tree: `parent.children[index]`. */
export interface Place {
  readonly parent: Node & { children: Node[] }
  readonly index: number
}

/** Every place below the root, in document order. */
export function placesOf(root: Node): Place[] {
  const places: Place[] = []
  const visit = (node: Node): void => {
    for (const [index, child] of (node.children ?? []).entries()) {
      if (hasChildren(node)) places.push({ parent: node, index })
      visit(child)
    }
  }
  visit(root)
  return places
}

const hasChildren = (node: Node): node is Node & { children: Node[] } => node.children !== null

export const at = ({ parent, index }: Place): Node => {
  const node = parent.children[index]
  if (node === undefined) throw new Error('the place is gone')
  return node
}

export const replace = ({ parent, index }: Place, ...nodes: Node[]): void => {
  parent.children.splice(index, 1, ...nodes)
}
