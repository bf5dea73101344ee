import type { StoredCsr } from './stored-csr.ts'

/** Whether this program approved it, and the signer has neither issued nor refused it. */
export function isUnissued({ byUs, issued, failure }: StoredCsr): boolean {
  return byUs && issued === null && failure === null
}

/** The number of such CSRs, and the seconds since the oldest was approved by the API server's clock (0 if there is none). */
export function unissuedOf(
  csrs: Iterable<StoredCsr>,
  now: number,
): { readonly count: number; readonly oldestSeconds: number } {
  let count = 0
  let oldest = now
  for (const stored of csrs) {
    if (!isUnissued(stored)) continue
    count += 1
    oldest = Math.min(oldest, stored.approvedAt ?? now)
  }
  return { count, oldestSeconds: (now - oldest) / 1_000 }
}
