/** What a kubelet may write into its own Node, and who becomes a node by a bootstrap token. */
import { setTimeout as sleep } from 'node:timers/promises'
import { asked, byNodes, called, clientOf, inTurn, requestOf, type Requester } from '../attack/requester.ts'
import { flood } from '../attack/flood.ts'
import { reported } from '../../../kit/kubelet/addresses.ts'
import { createCsr, CSRS, metadataOf, standingOf } from '../../../kit/kubelet/csr.ts'
import { freshKeys } from '../../../kit/requests/keys.ts'
import { buildRequest } from '../../../kit/requests/request.ts'
import type { JsonObject } from '../../../../server/ports.ts'
import type { Attack, HostileInput } from '../input.ts'

const NODES = '/api/v1/nodes'
/** With 1.5 MiB etcd would refuse it. */
const LARGEST = 1_400_000

const report = (by: Requester, status: JsonObject): Promise<string> =>
  called(by, 'PATCH', `${NODES}/${by.name}/status`, { status })

/** As a list that replaces the one before: addresses are merged by type otherwise. */
const own = ({ name, address }: Requester) => reported(['Hostname', name], ['InternalIP', address])

const addressesOf = (
  addresses: readonly { readonly type: string; readonly address: string }[],
): JsonObject => ({
  addresses: addresses.map(({ type, address }) => ({ type, address })),
})

export const nodes: readonly HostileInput[] = [
  byNodes(
    {
      name: 'node-large',
      does: 'one Node of 1.4 MB that changes ten times a second',
      pace: { lanes: 8, perSecond: 10 },
    },
    (by, index) => report(by, { images: [{ names: [String(index % 10).repeat(LARGEST)] }] }),
  ),
  byNodes(
    {
      name: 'node-many-images',
      does: 'one Node of 1.4 MB in 40,000 pieces that changes ten times a second',
      pace: { lanes: 8, perSecond: 10 },
    },
    (by, index) =>
      report(by, {
        images: [{ names: Array.from({ length: 40_000 }, (_, at) => `registry.example/${index}-${at}`) }],
      }),
  ),
  byNodes(
    {
      name: 'node-100-addresses',
      does: 'a Node reports the addresses of 100 others, and asks for 99 of them',
      pace: { lanes: 2, perSecond: 20 },
    },
    async (by, _index, { targets }) => {
      const addresses = targets.others.slice(0, 100)
      await report(
        by,
        addressesOf([...own(by), ...reported(...addresses.map((one) => ['InternalIP', one] as const))]),
      )
      return asked(by, { request: requestOf(by, { addresses: addresses.slice(1) }) })
    },
  ),
  byNodes(
    {
      name: 'node-flapping',
      does: 'a Node’s addresses come and go, 20 times a second',
      pace: { lanes: 2, perSecond: 20 },
    },
    (by, index) =>
      report(by, addressesOf(index % 2 === 0 ? own(by) : reported(['InternalIP', `10.9.0.${index % 250}`]))),
  ),
  byNodes(
    {
      name: 'node-labels',
      does: 'a Node’s labels change 50 times a second',
      pace: { lanes: 4, perSecond: 50 },
      nodes: 20,
    },
    (by, index) =>
      called(by, 'PATCH', `${NODES}/${by.name}`, {
        metadata: { labels: { 'example.com/turn': String(index) } },
      }),
  ),
  byNodes(
    {
      name: 'node-churn',
      does: 'Nodes that go and come again, 20 a second',
      pace: { lanes: 2, perSecond: 20 },
    },
    async (by, _index, { targets }) => {
      using operator = clientOf(targets, targets.operator)
      const path = `${NODES}/${by.name}`
      await called({ client: operator }, 'DELETE', path)
      const again = await called(by, 'POST', NODES, { metadata: { name: by.name } })
      await report(by, addressesOf(own(by)))
      return again
    },
  ),
  ...[false, true].map(
    (stored): HostileInput => ({
      name: stored ? 'token-30-nodes-stored' : 'token-30-nodes',
      against: 'api server',
      does: `30 identities by a bootstrap token, each of which asks again and again${stored ? ', stored' : ''}`,
      ...(stored ? { unregistered: true } : {}),
      run: async (attack) => {
        const minted = await Promise.all(
          Array.from({ length: 30 }, (_, index) => mint(attack, `minted-${index}`, index)),
        )
        await flood(attack, { lanes: 15, perSecond: 300 }, (index) => {
          const by = inTurn(minted, index)
          return asked(by, { request: requestOf(by, index % 2 === 0 ? {} : { dnsNames: ['not-reported'] }) })
        })
      },
    }),
  ),
]

const CLIENT = {
  signerName: 'kubernetes.io/kube-apiserver-client-kubelet',
  usages: ['digital signature', 'client auth'],
}
/** Bounded: kube-controller-manager approves and signs at once, or never. */
const LOOKS = 50

/** TLS bootstrap: a token's bearer becomes a node that nobody knew. */
async function mint(attack: Attack, name: string, index: number): Promise<Requester> {
  using bearer = clientOf(attack.targets, { token: attack.targets.bootstrapToken })
  const keys = freshKeys('P-256')
  const { request } = buildRequest({ key: keys, commonName: `system:node:${name}`, attributes: [] })
  const { body } = await createCsr(bearer, { request, ...CLIENT })
  const certPem = await issued(bearer, metadataOf(body).name)
  const keyPem = keys.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
  const by = { name, address: `10.8.0.${index}`, client: clientOf(attack.targets, { certPem, keyPem }) }
  await called(by, 'POST', NODES, { metadata: { name } })
  attack.note(`minted ${await report(by, addressesOf(own(by)))}`)
  return by
}

async function issued(bearer: Requester['client'], csr: string): Promise<string> {
  for (let looks = 0; looks < LOOKS; looks++) {
    const { body } = await bearer.request('GET', `${CSRS}/${csr}`)
    const { certificate } = standingOf(body)
    if (certificate !== null) return certificate
    await sleep(200)
  }
  throw new Error(`${csr} was not signed`)
}
