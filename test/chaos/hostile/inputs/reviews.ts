/** Reviews that no API server sent: whoever reaches the port may write one. */
import { goodReview } from '../../../../server/admission/good-review.fixture.ts'
import { bytes, implicit } from '../../../kit/requests/der.ts'
import { buildRequest, type RequestShape } from '../../../kit/requests/request.ts'
import { sendToWebhook } from '../attack/http.ts'
import { inTurn } from '../attack/requester.ts'
import { flooding, type Pace } from '../attack/flood.ts'
import type { Attack, HostileInput } from '../input.ts'

const FULL_SPEED: Pace = { lanes: 32, perSecond: 2_000 }

interface Forged {
  readonly user: string
  readonly request: RequestShape
  readonly labels?: Readonly<Record<string, string>>
  readonly resource?: string
}

function reviewOf({ user, request, labels = {}, resource }: Forged): string {
  const review = goodReview()
  const { object, userInfo } = review.request
  userInfo.username = user
  Object.assign(object.spec, { username: user, request: buildRequest(request).request })
  Object.assign(object.metadata, { labels, creationTimestamp: new Date().toISOString() })
  if (resource !== undefined) review.request.resource.resource = resource
  return JSON.stringify(review)
}

/** Each review is another: `forge` is told its number. */
const forged = (
  name: string,
  does: string,
  pace: Pace,
  forge: (index: number, attack: Attack) => Forged,
): HostileInput =>
  flooding({ name, against: 'webhook port', does, pace }, (attack) => {
    const send = sendToWebhook(attack.targets.webhookPort)
    return (index) => send({ body: reviewOf(forge(index, attack)) })
  })

const asNode = (name: string, shape: RequestShape = {}): Forged => ({
  user: `system:node:${name}`,
  request: { commonName: `system:node:${name}`, dnsNames: [name], ...shape },
})

/** 1.3.6.1.128 and on. */
export const registeredIds = Array.from({ length: 960 }, (_, index) =>
  implicit(8, bytes(0x2b, 6, 1, 0x80 | ((index + 128) >> 7), index & 127)),
)

/** As many labels of 128 bytes as make up so many bytes. The API server bounds annotations, not labels. */
export function labelsOf(size: number): Readonly<Record<string, string>> {
  const count = Math.floor(size / 128)
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [
      `example.com/label-${index}-`.padEnd(68, 'k'),
      'v'.repeat(60),
    ]),
  )
}

const MEGABYTE = labelsOf(1_000_000)

export const reviews: readonly HostileInput[] = [
  forged('reviews-unknown-nodes', 'for Nodes that do not exist', FULL_SPEED, (index) =>
    asNode(`nobody-${index}`),
  ),
  forged('reviews-unknown-node', 'for one Node that does not exist', FULL_SPEED, () => asNode('nobody')),
  forged(
    'reviews-others-addresses',
    'of a Node, for the addresses of others',
    FULL_SPEED,
    (index, { targets }) =>
      asNode(inTurn(targets.nodes, index).name, { addresses: [inTurn(targets.others, index)] }),
  ),
  forged('reviews-conforming', 'that are as they must be', FULL_SPEED, (index, { targets }) => {
    const { name, address } = inTurn(targets.nodes, index)
    return asNode(name, { addresses: [address] })
  }),
  forged('reviews-other-resource', 'of another resource', FULL_SPEED, (index) => ({
    ...asNode(`nobody-${index}`),
    resource: 'pods',
  })),
  forged('reviews-long-user', 'of a user of 64 KB', FULL_SPEED, (index) => ({
    ...asNode(`nobody-${index}`),
    user: `system:node:${'n'.repeat(65_536)}`,
  })),
  forged('reviews-labels', 'of 3 MiB, a megabyte of it labels', { lanes: 4, perSecond: 20 }, (index) => ({
    ...asNode(`nobody-${index}`, { pem: (pem) => pem + ' '.repeat(1_500_000) }),
    labels: MEGABYTE,
  })),
  forged(
    'reviews-registered-ids',
    '1,024 different ones of 960 registeredIDs',
    { lanes: 8, perSecond: 200, count: 10_240 },
    (index) => asNode(`nobody-${index % 1_024}`, { otherNames: registeredIds }),
  ),
  forged('reviews-unreadable', 'of requests that are no PKCS#10', FULL_SPEED, (index) =>
    asNode(`nobody-${index}`, { der: (der) => der.subarray(0, 40 + (index % 200)) }),
  ),
  forged('reviews-large-keys', 'of RSA keys of 4,096 bits', { lanes: 8, perSecond: 200 }, (index) =>
    asNode(`nobody-${index}`, { key: 'RSA-4096' }),
  ),
]
