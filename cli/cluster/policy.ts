import type { Rules } from '../../policies/rules.ts'
import { oneLine } from '../../policies/text.ts'
import { objectAt, textAt } from '../../server/json.ts'
import { loadPolicy, parsePolicy, parsePolicyOrValues, readPolicyText } from '../../server/policy/load.ts'
import type { Json } from '../../server/ports.ts'
import { EXIT, type Problem } from '../exit-codes.ts'
import { problemOf } from './refusal.ts'
import type { Session } from './session.ts'

/** A policy, and where it is from, for people. */
export type ChosenPolicy =
  | { readonly ok: true; readonly rules: Rules; readonly source: string }
  | { readonly ok: false; readonly problem: Problem }

/** The chart gives the ConfigMap this label and this key. */
const CONFIG_MAPS = '/api/v1/configmaps?labelSelector=app.kubernetes.io%2Fname%3Dkubelet-csr-gate&limit=50'
const KEY = 'policy.yaml'

/** The policy of a file, which may also hold values of the chart; the default policy without one. */
export async function policyOfFile(file: string | null): Promise<ChosenPolicy> {
  if (file === null) return chosen(await loadPolicy(null), 'the default policy')
  const read = await readPolicyText(file)
  if (!read.ok) return refuse(`${file}: ${read.problem}`)
  return chosen(await parsePolicyOrValues(read.text, file), file)
}

/**
 * The policy of a file; without one, that of the ConfigMap which the chart installed; without that, the default policy.
 * A ConfigMap that is not visible is a problem: the default policy may allow more.
 */
export async function policyFor(
  file: string | undefined,
  { cluster, server }: Session,
): Promise<ChosenPolicy> {
  if (file !== undefined) return await policyOfFile(file)
  const answer = await cluster.call({ method: 'GET', path: CONFIG_MAPS })
  if (!answer.ok) {
    const { message, exitCode } = problemOf(answer, 'the ConfigMap of the policy', server)
    return { ok: false, problem: { message: `${message}. --policy FILE does without it`, exitCode } }
  }
  const [found, ...others] = policiesIn(answer.object['items'])
  if (found === undefined) return await policyOfFile(null)
  if (others.length > 0) return refuse('several policies are installed. Choose one with --policy FILE')
  return chosen(await parsePolicy(found.text, found.name), `the ConfigMap ${found.name}`)
}

function policiesIn(items: Json | undefined): { readonly name: string; readonly text: string }[] {
  const objects: readonly Json[] = Array.isArray(items) ? items : []
  return objects.flatMap((object) => {
    const metadata = objectAt(object, 'metadata')
    const name = `${textAt(metadata, 'namespace')}/${textAt(metadata, 'name')}`
    const text = objectAt(object, 'data')[KEY]
    return typeof text === 'string' ? [{ name: oneLine(name, 320), text }] : []
  })
}

function chosen(loaded: Awaited<ReturnType<typeof loadPolicy>>, source: string): ChosenPolicy {
  return loaded.ok ? { ok: true, rules: loaded.rules, source } : refuse(loaded.faults.join('\n'))
}

const refuse = (message: string): ChosenPolicy => ({ ok: false, problem: { message, exitCode: EXIT.usage } })
