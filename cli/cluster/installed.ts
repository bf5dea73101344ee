import { oneLine } from '../../policies/text.ts'
import { isObject, objectAt, textAt } from '../../server/json.ts'
import { configMapsPath, LEDGER_SELECTOR, type LedgerPlace, SHARD_NAME } from '../../server/ledger/shard.ts'
import type { InstalledLedger } from '../../server/ledger/open-ledger.ts'
import type { Json } from '../../server/ports.ts'
import { EXIT, type Problem } from '../exit-codes.ts'
import { problemOf } from './refusal.ts'
import type { Session } from './session.ts'

/** The ConfigMap with a policy, as the chart installs it. */
interface InstalledPolicy {
  readonly namespace: string
  readonly name: string
  readonly text: string
}

type Found<T> = { readonly ok: true; readonly found: T } | { readonly ok: false; readonly problem: Problem }

/** The chart gives the ConfigMap this label and this key, whatever the release is called. */
export const CONFIG_LABEL = 'kubelet-csr-gate.io/config'
const LABELLED = `labelSelector=${encodeURIComponent(CONFIG_LABEL)}&limit=50`
const KEY = 'config.yaml'

/** The policy that the chart installed, null if there is none. Several are a problem: nothing says which one is meant. */
export async function installedPolicy(session: Session): Promise<Found<InstalledPolicy | null>> {
  const { cluster, server, namespace } = session
  const path = namespace === null ? '/api/v1/configmaps' : configMapsPath({ namespace })
  const answer = await cluster.call({ method: 'GET', path: `${path}?${LABELLED}` })
  if (!answer.ok) return { ok: false, problem: problemOf(answer, 'the ConfigMap of the policy', server) }
  const policies = itemsOf(answer.object['items']).flatMap(policyIn)
  if (policies.length <= 1) return { ok: true, found: policies[0] ?? null }
  const names = policies.map((policy) => `${policy.namespace}/${policy.name}`)
  const message = `several policies are installed: ${oneLine(names.join(', '), 512)}. Choose one with --namespace`
  return { ok: false, problem: { message, exitCode: EXIT.usage } }
}

function policyIn(object: Json): InstalledPolicy[] {
  const metadata = objectAt(object, 'metadata')
  const text = objectAt(object, 'data')[KEY]
  const [namespace, name] = [textAt(metadata, 'namespace'), textAt(metadata, 'name')]
  return typeof text === 'string' ? [{ namespace, name, text }] : []
}

/** The ledger beside the installed policy, for judging: what is not visible of it leaves decisions unknown. */
export async function installedLedger(session: Session): Promise<InstalledLedger> {
  const ledger = await findLedger(session)
  return ledger.ok ? ledger.found : { notVisible: `the ledger is not known: ${ledger.problem.message}` }
}

/**
 * The ledger in the namespace of the installed policy, null if there is none. Only there: whoever may create ConfigMaps in
 * another namespace can give them its label.
 */
export async function findLedger(session: Session): Promise<Found<LedgerPlace | null>> {
  const installed = await installedPolicy(session)
  if (!installed.ok) return installed
  if (installed.found === null) return { ok: true, found: null }
  const { namespace, name: policy } = installed.found
  const { cluster, server } = session
  const path = `${configMapsPath({ namespace })}?labelSelector=${encodeURIComponent(LEDGER_SELECTOR)}&limit=500`
  const answer = await cluster.call({ method: 'GET', path, answerAs: 'listOfMetadata' })
  if (!answer.ok) return { ok: false, problem: problemOf(answer, 'the ConfigMaps of the ledger', server) }
  const names = new Set(itemsOf(answer.object['items']).flatMap(ledgerName))
  const own = policy.replace(/-config$/u, '-ledger')
  const [name = null, ...others] = names.has(own) ? [own] : names
  if (name === null) return { ok: true, found: null }
  if (others.length === 0) return { ok: true, found: { namespace, name } }
  const message = `several ledgers are in the namespace ${oneLine(namespace, 64)}`
  return { ok: false, problem: { message, exitCode: EXIT.usage } }
}

function ledgerName(object: Json): string[] {
  const name = SHARD_NAME.exec(textAt(objectAt(object, 'metadata'), 'name'))?.[1]
  return name === undefined ? [] : [name]
}

function itemsOf(items: Json | undefined): readonly Json[] {
  return Array.isArray(items) ? items.filter(isObject) : []
}
