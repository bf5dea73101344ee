/**
 * The limits and durations on which ownership depends, in one place: what reads them is given them, so that the model
 * (test/model) can make them so small that it reaches each. Times are milliseconds.
 */
export interface Limits {
  /** For so long nothing was heard of a machine, before it counts as gone. */
  readonly goneAfterMs: number
  /** A result is 6 s old at most, and a kubelet has its certificate a second or two after it was approved. */
  readonly servedWithinMs: number
  /** A kubelet asks a second after its Node appears; timestamps have whole seconds and clocks differ a little. */
  readonly youngerMs: number
  /** Addresses that a Node may hold without proof: it has one or two that nobody inside the cluster reaches, and new ones after it was off. */
  readonly unprovenMax: number
  /** Addresses that show whether a holder is alive. Two of each family are as many as a stock kubelet asks for. */
  readonly elsewhereMax: number
  readonly probe: ProbeLimits
  readonly ledger: LedgerLimits
}

export interface ProbeLimits {
  /** Addresses of one CSR. A kubelet has one, or one of each family, on each of a few networks. */
  readonly callMax: number
  /** After a longer time without a look nobody knows what the address showed in between. CSRs that wait have it dialled every 10 s. */
  readonly gapMs: number
  /** Silent addresses. A few machines may well be switched off; so many, and none that answers, are cut off from us. */
  readonly blindAddresses: number
  readonly blindWindowMs: number
  /** Every address of a cluster of 5,000 nodes with four each: 280 bytes each, 6 MB. */
  readonly resultsMax: number
}

interface LedgerLimits {
  /** Earlier certificates of a Node: the one in use while the new one is on its way, and one more. */
  readonly earlierMax: number
  /** For so long an address that was left counts towards those that never answered. */
  readonly leftKeptMs: number
  readonly leftMax: number
  /** Nodes that are gone take at most what makes 2 MiB of all shards; those that exist take what they need. */
  readonly goneMaxBytes: number
}

export const defaultLimits: Limits = Object.freeze({
  goneAfterMs: 600_000,
  servedWithinMs: 10_000,
  youngerMs: 5_000,
  unprovenMax: 8,
  elsewhereMax: 4,
  probe: Object.freeze({
    callMax: 16,
    gapMs: 300_000,
    blindAddresses: 8,
    blindWindowMs: 300_000,
    resultsMax: 20_000,
  }),
  ledger: Object.freeze({
    earlierMax: 2,
    leftKeptMs: 86_400_000,
    leftMax: 16,
    goneMaxBytes: 131_072,
  }),
})
