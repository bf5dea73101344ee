import { setTimeout as sleep } from 'node:timers/promises'
import type { Rules } from '../../policies/rules.ts'
import { Informer } from '../../server/kube/informer.ts'
import { judgingNow } from '../cluster/judging.ts'
import { quietRecorder as recorder, quietLog as log } from '../cluster/quiet.ts'
import type { Session } from '../cluster/session.ts'
import { selectSubject, type Subject } from '../explain/subject.ts'
import { csrList } from '../stored/csr-list.ts'
import { dependsOnLook, opinionOn } from '../stored/opinion.ts'
import { type Disagreement, disagreementOn, isDecided } from './comparison.ts'

/** The watch of the Nodes may be behind that of the CSRs, and a kubelet reports its addresses a moment after it asked. */
const SETTLE_MS = 2_000
const LOOK_MS = 250

export interface Following {
  readonly session: Session
  readonly rules: Rules
  readonly found: (disagreement: Disagreement) => Promise<void>
  /** Fires when it is to end. */
  readonly signal: AbortSignal
}

export interface Followed {
  /** CSRs that were compared. */
  readonly compared: number
  /** Of these, what would be approved or not by who answers. That is no disagreement. */
  readonly dependOnLook: number
  /** Of these, what could not be judged. */
  readonly unknown: number
  /** Why not; null if everything is known. */
  readonly because: string | null
}

/** Follows the CSRs until the signal, and compares each once it is decided; those that wait, at the end. */
export async function follow({ session, rules, found, signal }: Following): Promise<Followed> {
  const { cluster } = session
  await using judging = await judgingNow(session, { rules })
  const csrs = new Informer<Subject>({
    cluster,
    log,
    recorder,
    name: 'csrs',
    ...csrList,
    select: selectSubject,
  })
  const waiting = new Map<string, { readonly subject: Subject; readonly since: number }>()
  csrs.subscribe(({ key, before, after }) => {
    // One that was deleted is compared as it last was.
    if (after === undefined || before?.state === after.state) return
    waiting.set(key, { subject: after, since: performance.now() })
  })
  const count = { compared: 0, dependOnLook: 0, unknown: 0 }
  const compareAll = async (ready: (subject: Subject, since: number) => boolean): Promise<void> => {
    for (const [key, { subject, since }] of waiting) {
      if (!ready(subject, since)) continue
      waiting.delete(key)
      const opinion = await opinionOn(subject, rules, { judging, clock: cluster.clock })
      count.compared += 1
      if (dependsOnLook(opinion)) count.dependOnLook += 1
      else if (opinion.decision.verdict === 'unknown') count.unknown += 1
      const disagreement = disagreementOn(subject, opinion)
      if (disagreement !== null) await found(disagreement)
    }
  }
  try {
    csrs.start()
    while (!signal.aborted) {
      await compareAll((subject, since) => isDecided(subject) && performance.now() - since >= SETTLE_MS)
      await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined)
    }
    await compareAll(() => true)
    return { ...count, because: judging.problem() ?? csrs.state().problem }
  } finally {
    await csrs.stop()
  }
}
