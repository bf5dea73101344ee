import type { Rules } from '../../policies/rules.ts'
import { type InstalledLedger, type OpenJudging, openJudging } from '../../server/open-judging.ts'
import { quietRecorder, quietLog } from './quiet.ts'
import type { Session } from './session.ts'

/** The service's judgement on the cluster of a session, under one policy. Its lists are not started yet, and end with `stop`. */
export function judgingIn(
  { cluster }: Pick<Session, 'cluster'>,
  ledger: InstalledLedger,
  rules: Rules,
): OpenJudging {
  return openJudging({ cluster, log: quietLog, recorder: quietRecorder, ledger, rules: () => rules })
}
