/**
 * The limits and durations on which ownership depends, in one place: what reads them is given them, so that the model
 * (test/model) can make them so small that it reaches each. Times are milliseconds.
 */
export interface Limits {
  /** For so long a Node does not exist, or does not report a value, before it no longer holds it. */
  readonly goneAfterMs: number
  /** A result is 6 s old at most, and a kubelet has its certificate a second or two after it was approved. */
  readonly servedWithinMs: number
  /** A kubelet asks a second after its Node appears; timestamps have whole seconds and clocks differ a little. */
  readonly youngerMs: number
  /** A kubelet waits for about a second before its Node exists. Within it, another Node could report its address. */
  readonly reportedForMs: number
  /** For so long a kubelet has to wait where no other Node claims the address, before it may be that of a Node with a certificate. */
  readonly waitingMs: number
  /** A Node that was there for less than this when the process began may be a newcomer, whose kubelet waits. */
  readonly newAtStartMs: number
  /** Addresses that a Node may be granted without proof: it has one or two that nobody inside the cluster reaches. */
  readonly unprovenMax: number
  /** One of them is forgotten in this time: a spot machine has a new external address after each start. */
  readonly unprovenForgottenMs: number
  /** Addresses of one request that may be silent because they are external: one of each family. */
  readonly externalMax: number
  /** Addresses with which a holder's names move. Two of each family are as many as a stock kubelet asks for. */
  readonly elsewhereMax: number
  readonly probe: ProbeLimits
  readonly ledger: LedgerLimits
}

export interface ProbeLimits {
  /** Addresses of one CSR: all that it may have. */
  readonly callMax: number
  /** After a longer time without a look nobody knows what the address showed in between. CSRs that wait have it dialled every 10 s. */
  readonly gapMs: number
  /** Addresses of other Nodes that show whether the network works: few dials, and one or two machines that are off do not matter. */
  readonly sample: number
  readonly sampleMin: number
  /** For so long what they showed counts. */
  readonly networkMs: number
  /** Silent addresses. A few machines may well be switched off; so many, and none that answers, are cut off from us. */
  readonly blindAddresses: number
  readonly blindWindowMs: number
  /** Every address of a cluster of 5,000 nodes with four each: 280 bytes each, 6 MB. */
  readonly resultsMax: number
}

interface LedgerLimits {
  /** Earlier certificates of a Node: the one in use while the new one is on its way, and one more. */
  readonly earlierMax: number
  /** Nodes that are gone take at most what makes 2 MiB of all shards; those that exist take what they need. */
  readonly goneMaxBytes: number
  /** An object of at most 1 MiB is stored by etcd and read here; its JSON escapes the quotes of the text. */
  readonly textMaxBytes: number
}

export const defaultLimits: Limits = Object.freeze({
  goneAfterMs: 600_000,
  servedWithinMs: 10_000,
  youngerMs: 5_000,
  reportedForMs: 1_000,
  waitingMs: 60_000,
  newAtStartMs: 600_000,
  unprovenMax: 8,
  unprovenForgottenMs: 86_400_000,
  externalMax: 2,
  elsewhereMax: 4,
  probe: Object.freeze({
    callMax: 64,
    gapMs: 30_000,
    sample: 8,
    sampleMin: 3,
    networkMs: 10_000,
    blindAddresses: 8,
    blindWindowMs: 300_000,
    resultsMax: 20_000,
  }),
  ledger: Object.freeze({
    earlierMax: 2,
    goneMaxBytes: 131_072,
    textMaxBytes: 917_504,
  }),
})
