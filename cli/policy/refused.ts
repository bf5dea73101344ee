import { oneLine } from '../../policies/text.ts'
import { explainAlone } from '../../server/explain.ts'
import { parsePolicy } from '../../server/policy/load.ts'
import type { ListRead } from '../cluster/read-list.ts'
import { asPending, type Subject } from '../explain/subject.ts'

const LINE_MAX = 400
/** More than a person reads. */
const SHOWN_MAX = 50
/** What a suggestion restricts. */
const codes: ReadonlySet<string> = new Set(['NameOutsidePolicy', 'AddressOutsidePolicy'])

/** What a suggestion would have refused among the stored CSRs, a line each, below a line that counts them. */
export async function refusedLines(policy: object, csrs: ListRead<Subject>): Promise<string[]> {
  if (!csrs.ok) return [oneLine(`What it would have refused is not known: ${csrs.problem.message}`, LINE_MAX)]
  const loaded = await parsePolicy(JSON.stringify(policy), 'the suggestion')
  if (!loaded.ok) throw new Error(loaded.faults.join('; '))
  const weighing = { rules: loaded.rules, now: Date.now(), nodes: null }
  const refused: string[] = []
  for (const subject of csrs.items) {
    const { reading, state } = subject
    const { controller } = await explainAlone(asPending(subject, weighing.now), weighing)
    const found = controller.decision.findings.find(
      ({ code, outcome }) => codes.has(code) && isRefused(outcome),
    )
    const { name, requester } = reading.csr
    if (found !== undefined)
      refused.push(`  ${name} of ${requester.username}, ${state}: ${found.code}: ${found.detail}`)
  }
  const more = refused.length - SHOWN_MAX
  const shown = refused.slice(0, SHOWN_MAX).map((line) => oneLine(line, LINE_MAX))
  const count = `Of ${csrs.items.length} stored CSRs, it would have refused ${refused.length}.`
  return [count, ...shown, ...(more > 0 ? [`  and ${more} more`] : [])]
}

const isRefused = (outcome: string): boolean => outcome === 'violation' || outcome === 'notYet'
