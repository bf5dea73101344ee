import type { Known } from '../../../policies/types.ts'
import { objectAt, textAt } from '../../../server/json.ts'
import type { JsonObject } from '../../../server/ports.ts'
import type { Session } from '../../cluster/session.ts'
import type { Approver } from '../facts.ts'
import { itemsOf, readAll, textsOf } from './read.ts'

const RBAC = '/apis/rbac.authorization.k8s.io/v1'
const SIGNER = 'kubernetes.io/kubelet-serving'
/** Every authenticated user is in it, so what it may do, all may. */
const EVERYONE = 'system:authenticated'

/** What a ClusterRole allows of an approval. Signers and CSRs are cluster-scoped, so Roles do not count. */
interface ApprovalRole {
  readonly name: string
  readonly approves: boolean
  readonly writes: boolean
}

interface Binding {
  readonly name: string
  readonly role: string
  readonly subjects: readonly { readonly kind: string; readonly name: string }[]
}

/** Reads from RBAC who may approve kubelet-serving CSRs. Another authorizer, such as a webhook, may allow more. */
export async function readApprovers(session: Session): Promise<Known<readonly Approver[]>> {
  const [roles, bindings] = await Promise.all([
    readAll(session, { title: 'ClusterRoles', path: `${RBAC}/clusterroles`, select: roleOf }),
    readAll(session, {
      title: 'ClusterRoleBindings',
      path: `${RBAC}/clusterrolebindings`,
      select: bindingOf,
    }),
  ])
  if (!roles.known) return roles
  if (!bindings.known) return bindings
  return { known: true, value: approversOf(roles.value, bindings.value) }
}

function approversOf(roles: readonly ApprovalRole[], bindings: readonly Binding[]): Approver[] {
  const named = new Map(roles.map((role) => [role.name, role]))
  const writers = new Set<string>()
  const approvers: Omit<Approver, 'mayWrite'>[] = []
  for (const { name: binding, role, subjects } of bindings) {
    const rights = named.get(role)
    for (const { kind, name } of subjects) {
      if (rights?.writes === true) writers.add(`${kind} ${name}`)
      if (rights?.approves === true) approvers.push({ kind, name, binding })
    }
  }
  return approvers.map((approver) => ({
    ...approver,
    mayWrite: writers.has(`${approver.kind} ${approver.name}`) || writers.has(`Group ${EVERYONE}`),
  }))
}

function roleOf(object: JsonObject): ApprovalRole | undefined {
  const rules = itemsOf(object, 'rules').filter((rule) => has(rule, 'apiGroups', ['certificates.k8s.io']))
  const approves = rules.some(
    (rule) => has(rule, 'resources', ['signers']) && has(rule, 'verbs', ['approve']) && isForSigner(rule),
  )
  const writes = rules.some(
    (rule) =>
      has(rule, 'resources', ['certificatesigningrequests/approval', '*/approval']) &&
      has(rule, 'verbs', ['update', 'patch']),
  )
  return approves || writes
    ? { name: textAt(objectAt(object, 'metadata'), 'name'), approves, writes }
    : undefined
}

function has(rule: JsonObject, key: string, wanted: readonly string[]): boolean {
  return textsOf(rule[key]).some((value) => value === '*' || wanted.includes(value))
}

function isForSigner(rule: JsonObject): boolean {
  const names = textsOf(rule['resourceNames'])
  return names.length === 0 || names.includes(SIGNER) || names.includes('kubernetes.io/*')
}

function bindingOf(object: JsonObject): Binding {
  const subjects = itemsOf(object, 'subjects').map((subject) => {
    const [kind, name, namespace] = [
      textAt(subject, 'kind'),
      textAt(subject, 'name'),
      textAt(subject, 'namespace'),
    ]
    return { kind, name: kind === 'ServiceAccount' ? `${namespace}/${name}` : name }
  })
  return {
    name: textAt(objectAt(object, 'metadata'), 'name'),
    role: textAt(objectAt(object, 'roleRef'), 'name'),
    subjects,
  }
}
