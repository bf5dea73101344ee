/**
 * The matchConditions of the chart's webhooks, by their text. There is no CEL here: a text that is not one of the chart's is
 * refused. A test holds these texts to charts/kubelet-csr-gate/templates/webhook.yaml.
 */
import { isObject, objectAt, textAt } from '../../server/json.ts'
import type { JsonObject } from '../../server/ports.ts'
import type { User } from './users.ts'

interface Matchable {
  readonly object: JsonObject
  readonly oldObject: JsonObject | null
  readonly user: User
}

type Condition = (subject: Matchable) => boolean

const SERVING = 'kubernetes.io/kubelet-serving'
const CLIENT = 'kubernetes.io/kube-apiserver-client-kubelet'

const signerOf = (csr: JsonObject | null) => textAt(objectAt(csr ?? {}, 'spec'), 'signerName')

function isApproved(csr: JsonObject | null): boolean {
  const { conditions } = objectAt(csr ?? {}, 'status')
  return Array.isArray(conditions) && conditions.some((one) => isObject(one) && one['type'] === 'Approved')
}

const APPROVED =
  "has(object.status) && has(object.status.conditions) && object.status.conditions.exists(c, c.type == 'Approved')"
const WAS_APPROVED = APPROVED.replaceAll('object.', 'oldObject.')

const CONDITIONS: ReadonlyMap<string, Condition> = new Map<string, Condition>([
  [`object.spec.signerName == '${SERVING}'`, ({ object }) => signerOf(object) === SERVING],
  [`oldObject.spec.signerName == '${SERVING}'`, ({ oldObject }) => signerOf(oldObject) === SERVING],
  [`object.spec.signerName == '${CLIENT}'`, ({ object }) => signerOf(object) === CLIENT],
  [APPROVED, ({ object }) => isApproved(object)],
  [`!(${WAS_APPROVED})`, ({ oldObject }) => !isApproved(oldObject)],
  [
    "has(request.userInfo.groups) && 'system:bootstrappers' in request.userInfo.groups",
    ({ user }) => user.groups.includes('system:bootstrappers'),
  ],
])

/** The chart writes the name of its controller's account into this one. */
const NOT_THE_ACCOUNT =
  /^request\.userInfo\.username != '(?<username>system:serviceaccount:[\w.-]+:[\w.-]+)'$/u

/** What an expression of the chart means, undefined for every other. */
export function conditionFor(expression: string): Condition | undefined {
  const text = expression.replaceAll(/\s+/gu, ' ').trim()
  const username = NOT_THE_ACCOUNT.exec(text)?.groups?.['username']
  return username === undefined ? CONDITIONS.get(text) : ({ user }) => user.username !== username
}
