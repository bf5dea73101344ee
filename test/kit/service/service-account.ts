import type { Client } from '../client.ts'
import { isObject } from '../client.ts'
import type { Json, JsonObject } from '../../../server/ports.ts'

type Rules = readonly JsonObject[]

/** A service account with what it may do: in the whole cluster, and by namespace. */
export interface ServiceAccount {
  readonly namespace: string
  readonly name: string
  readonly clusterRules?: Rules
  readonly rules?: Readonly<Record<string, Rules>>
}

const GROUP = 'rbac.authorization.k8s.io'
const RBAC = `/apis/${GROUP}/v1`
const TOKEN_SECONDS = 24 * 3_600

/** Creates the namespace, the account, its roles and bindings; returns a token of the account. Repeatable. */
export async function createServiceAccount(admin: Client, account: ServiceAccount): Promise<string> {
  const { namespace, name, clusterRules = [], rules = {} } = account
  const put = (path: string, body: JsonObject) => create(admin, path, body)
  await put('/api/v1/namespaces', { metadata: { name: namespace } })
  await put(`/api/v1/namespaces/${namespace}/serviceaccounts`, { metadata: { name } })
  const metadata = { name: `${namespace}:${name}` }
  const subjects = [{ kind: 'ServiceAccount', name, namespace }]
  const binding = (kind: string) => ({
    metadata,
    subjects,
    roleRef: { apiGroup: GROUP, kind, name: metadata.name },
  })
  await put(`${RBAC}/clusterroles`, { metadata, rules: clusterRules })
  await put(`${RBAC}/clusterrolebindings`, binding('ClusterRole'))
  for (const [where, granted] of Object.entries(rules)) {
    await put(`${RBAC}/namespaces/${where}/roles`, { metadata, rules: granted })
    await put(`${RBAC}/namespaces/${where}/rolebindings`, binding('Role'))
  }
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`
  const { body } = await create(admin, path, { spec: { expirationSeconds: TOKEN_SECONDS } })
  const token = isObject(body['status']) ? body['status']['token'] : undefined
  if (typeof token !== 'string') throw new Error(`no token for ${namespace}/${name}`)
  return token
}

async function create(admin: Client, path: string, body: Json) {
  const answer = await admin.request('POST', path, body)
  const exists = answer.status === 409 && answer.body['reason'] === 'AlreadyExists'
  if (answer.status >= 300 && !exists) {
    throw new Error(`POST ${path}: ${answer.status} ${JSON.stringify(answer.body['message'])}`)
  }
  return answer
}
