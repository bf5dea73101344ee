/** Makes what a case asks for. */
import { sansOf } from '../kit/kubelet/addresses.ts'
import type { CsrBody } from '../kit/kubelet/csr.ts'
import { buildRequest } from '../kit/requests/request.ts'
import type { Case, Requester } from './schema.ts'
import { clusterFile } from './suite.ts'

export const requesterOf = ({ node = 'node-1', requester }: Case): Requester =>
  requester ?? { user: `system:node:${node}`, groups: ['system:nodes'] }

/** `spec.request` of a case. */
export function requestOf({ node = 'node-1', request = {} }: Case): string {
  const { raw, ...shape } = request
  if (typeof raw === 'string') return raw
  if (raw !== undefined)
    return raw.map((part) => (typeof part === 'string' ? part : part.repeat.repeat(part.times))).join('')
  const reports = clusterFile.nodes.find(({ name }) => name === node)?.reports ?? []
  return buildRequest({ commonName: `system:node:${node}`, ...sansOf(reports), ...shape }).request
}

/** The CSR of a case, under a name if one is given; a requester may choose it. */
export function csrOf(one: Case, name?: string): CsrBody {
  const named = name === undefined ? { generateName: 'csr-' } : { name }
  return { request: requestOf(one), ...one.csr, metadata: { ...named, ...one.csr?.metadata } }
}
