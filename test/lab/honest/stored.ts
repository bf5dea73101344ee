/** A cluster that has been there for long: Nodes and the ledger that says what they were granted. */
import { createHash } from 'node:crypto'
import { parseAddress } from '../../../policies/address.ts'
import { claimKey } from '../../../server/facts/claims.ts'
import type { NodeGrants } from '../../../server/facts/grants.ts'
import {
  configMapsPath,
  DATA_KEY,
  LEDGER_LABEL,
  SHARDS,
  shardNames,
  shardOf,
} from '../../../server/ledger/shard.ts'
import { formatShard } from '../../../server/ledger/shard-text.ts'
import { metadataOf } from '../../kit/kubelet/csr.ts'
import { forEachOf } from '../bench/fleet.ts'
import type { Place } from './host.ts'

const LEDGER = { namespace: 'kubelet-csr-gate', name: 'kubelet-csr-gate-ledger' }
const NAMES = 5
const PARALLEL = 32
const DAY_MS = 86_400_000

/** Stores so many Nodes with five names and an address each, and the ledger of all. Kubelets answer at their addresses. */
export async function storeNodes({ cluster, machines }: Place, count: number): Promise<void> {
  const nodes = Array.from({ length: count }, (_, index) => ({
    name: `stored-${index}`,
    names: Array.from({ length: NAMES }, (_none, number) => `stored-${index}-${number}.example.com`),
    address: `10.${80 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`,
  }))
  const grants: NodeGrants[] = []
  await forEachOf(nodes, PARALLEL, async (node) => {
    const made = await cluster.adminRequest('POST', '/api/v1/nodes', { metadata: { name: node.name } })
    const addresses = [
      ...node.names.map((address) => ({ type: 'InternalDNS', address })),
      { type: 'InternalIP', address: node.address },
    ]
    await cluster.adminRequest('PATCH', `/api/v1/nodes/${node.name}/status`, { status: { addresses } })
    grants.push(grantsOf(node, metadataOf(made.body).uid))
  })
  await machines.start(nodes.map(({ address }) => address))
  await cluster.adminRequest('POST', '/api/v1/namespaces', { metadata: { name: LEDGER.namespace } })
  for (const [shard, name] of shardNames(LEDGER).slice(0, SHARDS).entries()) {
    const own = grants.filter(({ node }) => shardOf(node) === shard)
    await cluster.adminRequest('POST', configMapsPath(LEDGER), {
      metadata: { name, labels: LEDGER_LABEL },
      data: { [DATA_KEY]: formatShard({ nodes: own, released: [] }) },
    })
  }
}

interface StoredNode {
  readonly name: string
  readonly names: readonly string[]
  readonly address: string
}

function grantsOf({ name, names, address }: StoredNode, uid: string): NodeGrants {
  const at = Date.now() - DAY_MS
  const key = createHash('sha256').update(name).digest('hex').slice(0, 32)
  const last = { csr: `csr-${name}`, key, credentialId: null, approvedAt: at, notAfter: at + 365 * DAY_MS }
  const granted = { heldAt: at, grantedAt: at, sight: 'own', leftAt: null } as const
  return {
    node: name,
    uid,
    last,
    earlier: [],
    values: [
      ...[name, ...names].map((value) => ({ ...granted, claim: claimKey('dNSName', value), provenAt: null })),
      { ...granted, claim: claimKey('iPAddress', parseAddress(address) ?? ''), provenAt: at },
    ],
    spent: { count: 0, at },
    goneAt: null,
  }
}
