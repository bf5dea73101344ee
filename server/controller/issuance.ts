import { nodeName } from '../../policies/node-name.ts'
import { oneLine } from '../../policies/text.ts'
import type { NodeFacts } from '../../policies/types.ts'
import type { StoredCsr } from '../facts/stored-csr.ts'
import { isUnissued } from '../facts/unissued.ts'
import { forEachInTurns } from '../in-turns.ts'
import type { Change, Clock, Recorder, Log, Notice, Store } from '../ports.ts'

export interface IssuanceParts {
  readonly csrs: Pick<Store<StoredCsr>, 'values' | 'subscribe'>
  readonly nodes: Pick<Store<NodeFacts>, 'get'>
  /** Only the leader says anything. */
  readonly isLeader: () => boolean
  readonly clock: Clock
  readonly log: Log
  readonly recorder: Pick<Recorder, 'mismatched'>
  /** Writes an Event, where Events may be written. */
  readonly notify: (notice: Notice) => void
}

const LOOK_EVERY_MS = 10_000
/** A signer takes milliseconds. It issues some twenty a second, so that the last of a burst of 1,000 waits for 50 s. */
const LATE_MS = 60_000
/** Where the signer is down everything is late: the rest is told at the next looks, if it is still so. */
const LATE_TOLD_PER_LOOK = 10
/** A signer that works has issued something within this time, if anything waits for it. */
const WORKING_MS = 30_000
const USER_MAX = 253

/** Looks at what the signer made of the approved CSRs, and tells each mismatch and each delay once. */
export class Issuance {
  readonly #parts: IssuanceParts
  readonly #ticking: NodeJS.Timeout
  readonly #told = { mismatch: new Set<string>(), delay: new Set<string>() }
  #issuedAt = -Infinity
  #looking = false

  constructor(parts: IssuanceParts) {
    this.#parts = parts
    parts.csrs.subscribe((change) => this.#changed(change))
    this.#ticking = setInterval(() => void this.look(), LOOK_EVERY_MS)
  }

  stop(): void {
    clearInterval(this.#ticking)
  }

  #changed({ before, after }: Change<StoredCsr>): void {
    // What was there before this process is no sign of a signer that works now.
    if (before?.issued === null && after?.issued) this.#issuedAt = this.#parts.clock.monotonic()
  }

  /** Called every 10 s. */
  async look(): Promise<void> {
    if (this.#looking || !this.#parts.isLeader()) return
    this.#looking = true
    const stored: StoredCsr[] = []
    await forEachInTurns(this.#parts.csrs.values(), (one) => {
      if (isUnissued(one) || (one.issued?.mismatches.length ?? 0) > 0) stored.push(one)
    })
    this.#looking = false
    const unissued = stored.filter(isUnissued).toSorted((a, b) => approvedAt(a) - approvedAt(b))
    this.#tellMismatches(stored.filter(({ issued }) => issued !== null))
    this.#tellDelays(unissued)
  }

  #tellMismatches(stored: readonly StoredCsr[]): void {
    forgetOthers(this.#told.mismatch, stored)
    for (const one of stored) {
      if (this.#told.mismatch.has(one.uid)) continue
      this.#told.mismatch.add(one.uid)
      const mismatches = one.issued?.mismatches ?? []
      for (const { field } of mismatches) this.#parts.recorder.mismatched(field)
      const texts = mismatches.map(({ field, detail }) => `${field}: ${detail}`)
      this.#parts.log.error(
        { ...fieldsOf(one), mismatches: texts },
        'an issued certificate is not what was approved',
      )
      this.#notify(one, 'IssuedMismatch', `the certificate is not what was approved. ${texts.join('. ')}`)
    }
  }

  /** @param unissued the one that waits longest first */
  #tellDelays(unissued: readonly StoredCsr[]): void {
    forgetOthers(this.#told.delay, unissued)
    const now = this.#parts.clock.serverNow()
    let left = LATE_TOLD_PER_LOOK
    for (const [ahead, one] of unissued.entries()) {
      const waitedMs = now - approvedAt(one)
      if (waitedMs < LATE_MS || left === 0) return
      if (this.#told.delay.has(one.uid)) continue
      this.#told.delay.add(one.uid)
      left -= 1
      const cause = this.#causeOf(ahead)
      const waitedSeconds = Math.round(waitedMs / 1_000)
      this.#parts.log.warn({ ...fieldsOf(one), waitedSeconds, cause }, 'an approved CSR is not issued')
      this.#notify(one, 'NotIssued', `approved ${waitedSeconds} s ago and not issued: ${cause}`)
    }
  }

  /** @param ahead how many that were approved before wait too */
  #causeOf(ahead: number): string {
    if (this.#parts.clock.monotonic() - this.#issuedAt > WORKING_MS)
      return 'no signer issues certificates. Check that kube-controller-manager runs, with the controller csrsigning and --cluster-signing-cert-file and --cluster-signing-key-file, or those of kubelet-serving'
    return ahead === 0
      ? 'the signer issues others. See the log of kube-controller-manager'
      : `the signer is behind: ${ahead} CSRs that were approved before wait too. Its pace is --kube-api-qps of kube-controller-manager`
  }

  #notify({ name, uid, username }: StoredCsr, reason: Notice['reason'], detail: string): void {
    const nodeUid = this.#parts.nodes.get(nodeName(username) ?? '')?.uid
    this.#parts.notify({ reason, note: `${reason}: ${detail}`, csr: { name, uid }, username, nodeUid })
  }
}

function approvedAt(stored: StoredCsr): number {
  return stored.approvedAt ?? stored.createdAt
}

function fieldsOf({ name, uid, username }: StoredCsr): object {
  const user = oneLine(username, USER_MAX)
  return { csr: oneLine(name, USER_MAX), uid, node: nodeName(username) ?? user, user }
}

/** A CSR that is gone, or whose certificate came, is not told of again. */
function forgetOthers(told: Set<string>, stored: readonly StoredCsr[]): void {
  const present = new Set(stored.map(({ uid }) => uid))
  for (const uid of told) if (!present.has(uid)) told.delete(uid)
}
