import { explainAlone } from '../../server/explain.ts'
import { readText } from '../../server/files.ts'
import { REQUEST_TEXT_MAX } from '../../server/der/pem.ts'
import { readYaml } from '../../server/policy/yaml.ts'
import type { JsonObject } from '../../server/ports.ts'
import { policyOfFile } from '../cluster/policy.ts'
import type { Context } from '../context.ts'
import { readInput } from '../input.ts'
import type { ExplainOptions } from './options.ts'
import { type Explaining, misused } from './result.ts'
import { onlyObject, type Subject, subjectOfManifest, subjectOfRequest } from './subject.ts'

/** The largest request that is read, with room for the rest of the object. */
const FILE_MAX_BYTES = 4 * REQUEST_TEXT_MAX

/** Explains a CSR or a request of a file, or of standard input for `-`. Asks no cluster. */
export async function explainFile(
  file: string,
  { policy: policyFile, nodeFile }: ExplainOptions,
  stdin: Context['stdin'],
): Promise<Explaining> {
  const policy = await policyOfFile(policyFile ?? null)
  if (!policy.ok) return policy
  const node = nodeFile === undefined ? null : await readNode(nodeFile)
  if (typeof node === 'string') return misused(node)
  const text = await readInput(file, FILE_MAX_BYTES, stdin)
  if (!text.ok) return misused(`${file}: ${text.problem}`)
  const now = Date.now()
  const manifest = onlyObject(contentOf(text.text))
  const read = manifest === null ? subjectOfRequest(text.text, now) : subjectOfManifest(manifest, now)
  if (!read.ok) return misused(`${file}: ${read.problem.message}`)
  const subject = assuming(read.subject, node)
  const explanation = await explainAlone(subject.reading, {
    rules: policy.rules,
    now,
    nodes: node === null ? null : [node],
  })
  return { ok: true, explained: { subject, policy, explanation, looking: null, alone: true } }
}

/** With its Node it is judged as a whole, and nobody is dialled. */
function assuming(subject: Subject, node: JsonObject | null): Subject {
  if (node === null) return subject
  return { ...subject, assumed: [...subject.assumed, 'that each address answers as the Node'] }
}

/** The content of a YAML or JSON file; undefined if it is neither, such as PEM text. */
function contentOf(text: string): unknown {
  const yaml = readYaml(text)
  return yaml.ok ? yaml.content : undefined
}

/** The manifest of a Node, or why it cannot be read. */
async function readNode(file: string): Promise<JsonObject | string> {
  const text = await readText(file, FILE_MAX_BYTES)
  if (!text.ok) return `${file}: ${text.problem}`
  const object = onlyObject(contentOf(text.text))
  return object?.['kind'] === 'Node' ? object : `${file}: is not the manifest of one Node`
}
