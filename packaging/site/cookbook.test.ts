/** The recipes of docs/policy-cookbook.md: each row of each table is judged as the controller judges. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { requestIn, subjectOfManifest } from '../../cli/explain/subject.ts'
import { NODES_GROUP, nodeUser } from '../../policies/node-name.ts'
import type { Rules } from '../../policies/rules.ts'
import { writeRequest } from '../../server/der/request-writer.ts'
import { explainAlone } from '../../server/explain.ts'
import { objectAt } from '../../server/json.ts'
import type { JsonObject } from '../../server/ports.ts'
import { parsePolicy } from '../../server/policy/load.ts'
import { fencesOf } from './fences.ts'

const text = await readFile(join(import.meta.dirname, '../../docs/policy-cookbook.md'), 'utf8')

interface Row {
  readonly node: string
  readonly reports: readonly string[]
  readonly asks: readonly string[]
  readonly seconds: number | null
  /** As the page has it: `approved`, or `refused` or `waits` with a reason. */
  readonly decision: string
}

const codesIn = (cell = ''): readonly string[] =>
  [...cell.matchAll(/`([^`]+)`/gu)].map(([, code = '']) => code)

function rowsOf(part: string): readonly Row[] {
  const rows = [...part.matchAll(/^\| (`[^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$/gmu)]
  return rows.map(([, node, reports, asks = '', decision = '']) => ({
    node: codesIn(node).join(),
    reports: codesIn(reports),
    asks: codesIn(asks),
    seconds: Number(/ for (\d+) s$/u.exec(asks)?.[1] ?? 0) || null,
    decision: decision.replaceAll('`', ''),
  }))
}

/** Each block of values with the table after it. */
function recipes(): readonly { readonly values: string; readonly rows: readonly Row[] }[] {
  const starts = [...text.matchAll(/^```yaml$/gmu)].map(({ index }) => index)
  return starts.map((start, at) => {
    const part = text.slice(start, starts[at + 1])
    return { values: fencesOf(part)[0]?.text ?? '', rows: rowsOf(part) }
  })
}

function nodeOf({ node, reports }: Row): JsonObject {
  const addresses = reports.map((address) => ({
    type: isIP(address) === 0 ? 'Hostname' : 'InternalIP',
    address,
  }))
  return {
    kind: 'Node',
    metadata: { name: node, uid: node, creationTimestamp: '2000-01-01T00:00:00Z' },
    status: { addresses },
  }
}

async function decisionOn(
  { node, asks, seconds }: Row,
  rules: Rules,
  nodes: readonly JsonObject[],
): Promise<string> {
  const request = writeRequest({ commonName: nodeUser(node), organization: NODES_GROUP, names: asks })
  const groups = [NODES_GROUP, 'system:authenticated']
  const spec = { request: requestIn(request), username: nodeUser(node), groups }
  const subject = subjectOfManifest(
    { spec: seconds === null ? spec : { ...spec, expirationSeconds: seconds } },
    Date.now(),
  )
  assert.ok(subject.ok)
  const { decision } = (await explainAlone(subject.subject.reading, { rules, now: Date.now(), nodes }))
    .controller
  if (decision.verdict === 'approve') return 'approved'
  return `${decision.verdict === 'unknown' ? 'waits' : 'refused'}: ${decision.reason}`
}

for (const [index, { values, rows }] of recipes().entries())
  test(`recipe ${index + 1} of the cookbook decides as its table says`, async () => {
    assert.ok(rows.length > 0)
    const policy = await parsePolicy(JSON.stringify(objectAt(parse(values), 'policy')), 'policy')
    assert.ok(policy.ok, policy.ok ? '' : policy.faults.join('\n'))
    const nodes = new Map(rows.map((row) => [row.node, nodeOf(row)]))
    const decided = await Promise.all(rows.map((row) => decisionOn(row, policy.rules, [...nodes.values()])))
    assert.deepEqual(
      decided,
      rows.map(({ decision }) => decision),
    )
  })

test('every row of the page is one of a recipe', () => {
  const rows = recipes().flatMap((recipe) => recipe.rows)
  assert.ok(rows.length > 20)
  assert.equal(rows.length, text.split('\n').filter((line) => line.startsWith('| `')).length)
})
