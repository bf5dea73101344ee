import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { checkCodes, otherReasons } from '../policies/codes.ts'
import { requestIsReadable } from '../policies/checks/request-is-readable.ts'
import { decideWithoutChecks } from '../policies/evaluate.ts'
import { checks } from '../policies/index.ts'
import type { Decision } from '../policies/types.ts'
import { respond } from '../server/admission/respond.ts'
import { denial } from '../server/controller/act.ts'
import { planFor } from '../server/controller/plan.ts'
import type { Report } from '../server/ports.ts'
import type { MetricsRecorder } from '../server/report/recorder.ts'

test('each code of the list has one check, in the order of the list', () => {
  assert.deepEqual(
    [requestIsReadable, ...checks].map(({ code }) => code),
    [...checkCodes],
  )
})

test('each reason code has one entry in policies/README.md, and each entry is a reason code', async () => {
  const text = await readFile(join(import.meta.dirname, '../policies/README.md'), 'utf8')
  const entries = [...text.matchAll(/^### `([A-Za-z]+)`$/gmu)].map(([, code]) => code)
  assert.deepEqual(entries, [...checkCodes, ...Object.keys(otherReasons)])
})

/** Never called: it is held by the compiler, which reports each of these lines that it accepts. */
export function misspeltCodesDoNotCompile(
  decision: Decision,
  csr: Parameters<typeof respond>[1],
  metrics: MetricsRecorder,
  report: Report,
): void {
  // @ts-expect-error -- NodeUnknown
  const misspelt: Decision = { ...decision, reason: 'NodeUnknwon' }
  // @ts-expect-error -- an answer's reason is not a decision's
  const malformed: Decision = { ...decision, reason: 'MalformedReview' }
  const [finding] = decision.findings
  // @ts-expect-error -- no finding of this code
  if (finding?.code === 'Supersedet') return
  // @ts-expect-error -- the webhook's answer
  respond('uid', csr, { ...decision, reason: 'NodeUnknwon' }, 'enforce')
  // @ts-expect-error -- the controller's plan
  if (planFor(decision, circumstances).kind === 'aprove') return
  // @ts-expect-error -- the controller's condition
  denial({ ...decision, reason: 'Expierd' })
  // @ts-expect-error -- a decision without checks
  decideWithoutChecks('TimeOut', '')
  const record = { component: 'controller', csr, action: 'left', durationMs: 0 } as const
  // @ts-expect-error -- the metric
  metrics.decided({ ...record, decision: { ...decision, reason: 'Conform' } }, 0)
  // @ts-expect-error -- the log line and the Event
  report({ ...record, decision: { ...decision, reason: 'Conform' } })
  void [misspelt, malformed]
}

const circumstances = {
  settings: { mode: 'enforce', denyStored: null, patienceSeconds: 30 },
  webhookEnabled: true,
  ageMs: 0,
} as const
