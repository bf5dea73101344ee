import { setTimeout as sleep } from 'node:timers/promises'
import type { Rules } from '../../policies/rules.ts'
import type { InstalledLedger } from '../../server/ledger/open-ledger.ts'
import { type Judging, openJudging } from '../../server/service.ts'
import { installedLedger } from './installed.ts'
import { kubeletsFor, type Looking } from './looking.ts'
import { quietRecorder, quietLog } from './quiet.ts'
import type { Session } from './session.ts'

/**
 * The service's judgement on the cluster of a session, under one policy. Its lists are not started yet, and end with `stop`.
 * @param looking null: nobody is dialled, and what depends on who answers stays unknown
 */
export function judgingIn(
  { cluster }: Pick<Session, 'cluster'>,
  ledger: InstalledLedger,
  rules: Rules,
  looking: Looking | null,
): Judging {
  return openJudging({
    cluster,
    rules: () => rules,
    installedLedger: ledger,
    kubelets: looking && kubeletsFor(looking),
    truth: null,
    log: quietLog,
    recorder: quietRecorder,
  })
}

/** A list of 15,000 Nodes takes seconds. What is not read by then is unknown, and is called so. */
const READ_MS = 20_000
const LOOK_MS = 20

interface Judged {
  readonly rules: Rules
  /** Default: nobody is dialled. */
  readonly looking?: Looking | null
  /** Default: that beside the installed policy. */
  readonly ledger?: InstalledLedger
}

/** As {@link judgingIn}, once each of its lists was read or could not be. It ends with the scope that has it. */
export async function judgingNow(
  session: Session,
  { rules, looking = null, ledger }: Judged,
): Promise<Judging & AsyncDisposable> {
  const found = ledger === undefined ? await installedLedger(session) : ledger
  const judging = judgingIn(session, found, rules, looking)
  const late = performance.now() + READ_MS
  judging.start()
  while (!judging.tried() && performance.now() < late) await sleep(LOOK_MS)
  return { ...judging, [Symbol.asyncDispose]: () => judging.stop() }
}
