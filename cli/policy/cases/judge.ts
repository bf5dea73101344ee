import { dirname, resolve } from 'node:path'
import { NODES_GROUP, nodeUser } from '../../../policies/node-name.ts'
import type { Rules } from '../../../policies/rules.ts'
import type { Decision } from '../../../policies/types.ts'
import { REQUEST_TEXT_MAX } from '../../../server/der/pem.ts'
import { writeRequest } from '../../../server/der/request-writer.ts'
import { explainAlone } from '../../../server/explain.ts'
import { readText } from '../../../server/files.ts'
import { parsePolicy } from '../../../server/policy/load.ts'
import { readYaml } from '../../../server/policy/yaml.ts'
import { policyOfFile } from '../../cluster/policy.ts'
import { requestIn, subjectOfManifest } from '../../explain/subject.ts'
import { type Case, type CasesFile, readCases } from './cases.ts'

/** One case, and the controller's decision about it. */
export interface Judged {
  readonly file: string
  readonly one: Case
  readonly decision: Pick<Decision, 'verdict' | 'reason' | 'message'>
  readonly ok: boolean
}

type FileJudged =
  | { readonly ok: true; readonly judged: readonly Judged[] }
  /** A line each, with the file and where it is known the position. */
  | { readonly ok: false; readonly faults: readonly string[] }

/** Thousands of cases. */
const FILE_MAX_BYTES = 1_048_576

/** Judges the cases of a file. */
export async function judgeFile(path: string): Promise<FileJudged> {
  const text = await readText(path, FILE_MAX_BYTES)
  if (!text.ok) return { ok: false, faults: [`${path}: ${text.problem}`] }
  const yaml = readYaml(text.text)
  if (!yaml.ok)
    return {
      ok: false,
      faults: yaml.faults.map(({ line, column, problem }) => `${path}:${line}:${column} ${problem}`),
    }
  const read = readCases(yaml.content)
  if (!read.ok)
    return { ok: false, faults: read.faults.map((fault) => faultLine(path, fault, yaml.place(fault.path))) }
  return await judgeCases(path, read.file)
}

function faultLine(
  path: string,
  fault: { readonly path: readonly (string | number)[]; readonly problem: string },
  { line, column }: { readonly line: number; readonly column: number },
): string {
  return `${path}:${line}:${column} ${fault.path.join('.')}: ${fault.problem}`
}

async function judgeCases(path: string, { policy: given, nodes, cases }: CasesFile): Promise<FileJudged> {
  const policy = await policyOf(path, given)
  if ('faults' in policy) return { ok: false, faults: policy.faults }
  const judged: Judged[] = []
  for (const one of cases) {
    const pem = await requestOf(path, one)
    if ('problem' in pem) return { ok: false, faults: [pem.problem] }
    const subject = subjectOfManifest(manifestOf(one, pem.text), Date.now())
    if (!subject.ok) return { ok: false, faults: [`${path}: ${one.name}: ${subject.problem.message}`] }
    const weighing = { rules: policy.rules, now: Date.now(), nodes }
    const { decision } = (await explainAlone(subject.subject.reading, weighing)).controller
    const ok = decision.verdict === one.expect && (one.reason ?? decision.reason) === decision.reason
    judged.push({ file: path, one, decision, ok })
  }
  return { ok: true, judged }
}

async function policyOf(
  path: string,
  given: CasesFile['policy'],
): Promise<{ readonly rules: Rules } | { readonly faults: readonly string[] }> {
  if (given !== null && typeof given !== 'string') {
    const parsed = await parsePolicy(JSON.stringify(given), `${path} policy`)
    return parsed.ok ? parsed : { faults: parsed.faults }
  }
  const chosen = await policyOfFile(given === null ? null : resolve(dirname(path), given))
  return chosen.ok ? chosen : { faults: [chosen.problem.message] }
}

/** The request as PEM text or base64. */
async function requestOf(
  path: string,
  { node, asks }: Case,
): Promise<{ readonly text: string } | { readonly problem: string }> {
  if (typeof asks !== 'string')
    return { text: writeRequest({ commonName: nodeUser(node), organization: NODES_GROUP, names: asks }) }
  const file = resolve(dirname(path), asks)
  const read = await readText(file, REQUEST_TEXT_MAX)
  return read.ok ? read : { problem: `${file}: ${read.problem}` }
}

function manifestOf({ node }: Case, text: string) {
  const groups = [NODES_GROUP, 'system:authenticated']
  return { spec: { request: requestIn(text), username: nodeUser(node), groups } }
}
