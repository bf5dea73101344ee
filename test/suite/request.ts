/** Makes what a case asks for. */
import { sansOf } from '../kit/kubelet/addresses.ts'
import { buildRequest } from '../kit/requests/request.ts'
import type { Case } from './schema.ts'
import { clusterFile } from './suite.ts'

/** `spec.request` of a case. */
export function requestOf({ node = 'node-1', request = {} }: Case): string {
  const { raw, ...shape } = request
  if (typeof raw === 'string') return raw
  if (raw !== undefined)
    return raw.map((part) => (typeof part === 'string' ? part : part.repeat.repeat(part.times))).join('')
  const reports = clusterFile.nodes.find(({ name }) => name === node)?.reports ?? []
  return buildRequest({ commonName: `system:node:${node}`, ...sansOf(reports), ...shape }).request
}
