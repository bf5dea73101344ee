/** What a small world consists of. */
import { defaultLimits, type Limits } from '../../policies/limits.ts'
import type { Settings } from '../../policies/settings.ts'

export interface Spec {
  /** Addresses by their short names, `a1` to `a9`, and whose machine has each; null: nobody's. */
  readonly addresses: Readonly<Record<string, string | null>>
  /** Addresses that a machine has and its Node does not report. */
  readonly unreported?: readonly string[]
  /** Names besides a Node's own, and whose they are. */
  readonly names?: Readonly<Record<string, string>>
  /** Where names lead in DNS: addresses by their short names. Others do not exist. */
  readonly dns?: Readonly<Record<string, readonly string[]>>
  /** The Nodes that never lie. */
  readonly honest: readonly string[]
  readonly limits?: Limits
  readonly settings?: Partial<Settings>
  /** The API server takes no ConfigMap that is larger. */
  readonly shardMaxBytes?: number
  /** What has happened before. */
  readonly begin: readonly string[]
  /** What may happen, in any order, as often as it can. */
  readonly moves: readonly string[]
}

/** What passes with `time passes`; a move takes 10 s. Limits lie halfway, so that ages in whole periods decide alone. */
export const PERIOD_MS = 1_000_000
export const MOVE_MS = 10_000
/** Longer than a move and shorter than a period, and so on. */
const periods = (count: number): number => (count - 0.5) * PERIOD_MS

/** Every limit is reached within one or two steps. */
export const smallLimits: Limits = {
  ...defaultLimits,
  goneAfterMs: periods(2),
  servedWithinMs: 0,
  youngerMs: 0,
  newAtStartMs: periods(1),
  waitingMs: periods(1),
  unprovenMax: 1,
  unprovenForgottenMs: periods(3),
  elsewhereMax: 1,
  probe: {
    ...defaultLimits.probe,
    callMax: 2,
    gapMs: periods(2),
    sample: 2,
    sampleMin: 2,
    networkMs: MOVE_MS / 2,
    blindAddresses: 2,
    blindWindowMs: periods(2),
  },
  ledger: {
    earlierMax: 1,
    goneMaxBytes: defaultLimits.ledger.goneMaxBytes,
    textMaxBytes: defaultLimits.ledger.textMaxBytes,
  },
}

/** 10.0.0.1 is `a1`. */
export function addressOf(short: string): string {
  return `0a0000${short.slice(1).padStart(2, '0')}`
}

export function isAddress(value: string): boolean {
  return /^a\d$/u.test(value)
}
