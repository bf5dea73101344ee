import { buildRequest } from '../../kit/requests/request.ts'

const built = new Map<string, string>()

/** `spec.request` of a node; the same for the same number, with a key of its own. */
export function requestFor(node: string, addresses: readonly string[], number: number): string {
  const key = `${node} ${addresses.join(' ')} ${number}`
  const known = built.get(key)
  if (known !== undefined) return known
  const shape = { commonName: `system:node:${node}`, dnsNames: [node], addresses }
  const { request } = buildRequest(shape)
  built.set(key, request)
  return request
}
