/** CSRs through the API server, by the nodes that the attacker holds. */
import { asked, byNodes, called, clientOf, requestOf } from '../attack/requester.ts'
import type { Pace } from '../attack/flood.ts'
import { createCsr, CSRS, metadataOf } from '../../../kit/kubelet/csr.ts'
import type { HostileInput } from '../input.ts'
import { labelsOf, registeredIds } from './reviews.ts'

/** Beside a name or an address: a request may have 100 of both. */
const MOST = 99
const FULL_SPEED: Pace = { lanes: 8, perSecond: 500 }

export const csrs: readonly HostileInput[] = [
  byNodes(
    {
      name: 'csr-labels',
      does: 'CSRs of a megabyte of labels, of one node',
      pace: { lanes: 2, perSecond: 10, count: 300 },
    },
    async (by) => {
      const metadata = { generateName: 'csr-', labels: labelsOf(1_000_000) }
      return asked(by, { request: requestOf(by), metadata })
    },
  ),
  byNodes(
    {
      name: 'csr-5000',
      does: '5,000 conforming CSRs of one node',
      pace: { lanes: 16, perSecond: 500, count: 5_000 },
    },
    async (by) => asked(by, { request: requestOf(by) }),
  ),
  byNodes(
    {
      name: 'csr-5000-stored',
      does: '5,000 CSRs of one node for what it does not report, stored',
      pace: { lanes: 16, perSecond: 500, count: 5_000 },
      unregistered: true,
    },
    async (by) => asked(by, { request: requestOf(by, { dnsNames: [by.name, 'not-reported'] }) }),
  ),
  byNodes(
    {
      name: 'csr-same-620',
      does: 'one PKCS#10 620 times in 10 s',
      pace: { lanes: 8, perSecond: 62, count: 620 },
    },
    // One key, and signatures by it that are no other each time.
    async (by) => asked(by, { request: requestOf(by, { key: 'Ed25519' }) }),
  ),
  byNodes(
    {
      name: 'csr-pending-labels',
      does: '20 users with 64 pending CSRs of 28 KB of labels each',
      nodes: 20,
      pace: { lanes: 16, perSecond: 200, count: 1_280 },
      unregistered: true,
    },
    async (by) => {
      const metadata = { generateName: 'csr-', labels: labelsOf(28_000) }
      return asked(by, { request: requestOf(by, { dnsNames: [by.name, 'not-reported'] }), metadata })
    },
  ),
  byNodes(
    {
      name: 'csr-registered-ids',
      does: '1,024 requests of 960 registeredIDs, refused',
      nodes: 20,
      pace: { lanes: 8, perSecond: 100, count: 1_024 },
    },
    async (by) => asked(by, { request: requestOf(by, { otherNames: registeredIds }) }),
  ),
  byNodes(
    {
      name: 'csr-registered-ids-stored',
      does: '1,024 requests of 960 registeredIDs, stored',
      nodes: 20,
      pace: { lanes: 8, perSecond: 100, count: 1_024 },
      unregistered: true,
    },
    async (by) => asked(by, { request: requestOf(by, { otherNames: registeredIds }) }),
  ),
  byNodes(
    {
      name: 'csr-100-names',
      does: 'CSRs for as many names as a request may have, none of them reported',
      nodes: 20,
      pace: FULL_SPEED,
    },
    async (by, index) => {
      const dnsNames = Array.from({ length: MOST }, (_, at) => `${by.name}-${index}-${at}`)
      return asked(by, { request: requestOf(by, { dnsNames }) })
    },
  ),
  byNodes(
    {
      name: 'csr-addresses-of-others',
      does: 'CSRs for the addresses of 99 other nodes',
      nodes: 20,
      pace: FULL_SPEED,
    },
    async (by, _index, { targets }) =>
      asked(by, { request: requestOf(by, { addresses: targets.others.slice(0, MOST) }) }),
  ),
  byNodes(
    {
      name: 'csr-text-before',
      does: 'CSRs with 50 KB of text before the request',
      nodes: 20,
      pace: FULL_SPEED,
    },
    async (by, index) => {
      // Go's PEM reader skips it; ours does not.
      const pem = (text: string) => `${'text\n'.repeat(10_000 + (index % 10))}${text}`
      return asked(by, { request: requestOf(by, { pem }) })
    },
  ),
  byNodes(
    {
      name: 'csr-dry-run',
      does: 'dry runs at full speed, of 20 nodes',
      nodes: 20,
      pace: { lanes: 16, perSecond: 1_000 },
    },
    async (by) => asked(by, { request: requestOf(by) }, '?dryRun=All'),
  ),
  byNodes(
    {
      name: 'csr-churn',
      does: 'CSRs that are deleted as soon as they are there',
      nodes: 20,
      pace: { lanes: 8, perSecond: 100 },
    },
    async (by, _index, { targets }) => {
      const { status, body } = await createCsr(by.client, { request: requestOf(by) })
      if (status !== 201) return String(status)
      using operator = clientOf(targets, targets.operator)
      return await called({ client: operator }, 'DELETE', `${CSRS}/${metadataOf(body).name}`)
    },
  ),
]
