import type { Rules } from '../../policies/rules.ts'
import { oneLine } from '../../policies/text.ts'
import { isObject, objectAt } from '../../server/json.ts'
import { parsePolicy, parsePolicyOrValues, readPolicyText } from '../../server/policy/load.ts'
import { readYaml } from '../../server/policy/yaml.ts'
import { EXIT, type Problem } from '../exit-codes.ts'
import { installedPolicy } from './installed.ts'
import type { Session } from './session.ts'

/** A policy, and where it is from, for people. */
export interface Policy {
  readonly ok: true
  readonly rules: Rules
  readonly source: string
  /** `kubelet.port` of the same file; absent if it says none. */
  readonly kubeletPort?: number
}

export type ChosenPolicy = Policy | { readonly ok: false; readonly problem: Problem }

/** A namespace and a name of Kubernetes. */
const NAME_MAX = 320

/** The policy of a file, which may also hold values of the chart; the default policy without one. */
export async function policyOfFile(file: string | null): Promise<ChosenPolicy> {
  if (file === null) return chosen(await parsePolicy('', 'the default policy'), 'the default policy')
  const read = await readPolicyText(file)
  if (!read.ok) return refuse(`${file}: ${read.problem}`)
  return withPort(chosen(await parsePolicyOrValues(read.text, file), file), read.text)
}

/** The policy of the file that the user names, null if none is named. Read first, so that its faults are told without a cluster. */
export async function policyGiven(file: string | undefined): Promise<ChosenPolicy | null> {
  return file === undefined ? null : await policyOfFile(file)
}

/**
 * The policy that the user gives; without one, that of the ConfigMap which the chart installed; without that, the default policy.
 * A ConfigMap that is not visible is a problem: the default policy may allow more.
 */
export async function policyFor(given: Policy | null, session: Session): Promise<ChosenPolicy> {
  if (given !== null) return given
  const installed = await installedPolicy(session)
  if (!installed.ok) {
    const { message, exitCode } = installed.problem
    return { ok: false, problem: { message: `${message}. --policy FILE does without it`, exitCode } }
  }
  if (installed.found === null) return await policyOfFile(null)
  const { namespace, name, text } = installed.found
  const source = oneLine(`${namespace}/${name}`, NAME_MAX)
  return withPort(chosen(await parsePolicyOrValues(text, source), `the ConfigMap ${source}`), text)
}

/** `kubelet.port` of a configuration or of values of the chart. */
export function kubeletPortIn(text: string): number | undefined {
  const yaml = readYaml(text)
  const { port } = objectAt(yaml.ok && isObject(yaml.content) ? yaml.content : {}, 'kubelet')
  const isPort = typeof port === 'number' && Number.isInteger(port) && port > 0 && port < 65_536
  return isPort ? port : undefined
}

function withPort(policy: ChosenPolicy, text: string): ChosenPolicy {
  const kubeletPort = kubeletPortIn(text)
  return policy.ok && kubeletPort !== undefined ? { ...policy, kubeletPort } : policy
}

function chosen(loaded: Awaited<ReturnType<typeof parsePolicy>>, source: string): ChosenPolicy {
  return loaded.ok ? { ok: true, rules: loaded.rules, source } : refuse(loaded.faults.join('\n'))
}

const refuse = (message: string): ChosenPolicy => ({ ok: false, problem: { message, exitCode: EXIT.usage } })
