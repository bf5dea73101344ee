/** Where a release is published. */
export interface Released {
  /** Such as `ghcr.io/owner`. */
  readonly registry: string
  /** `owner/name` on GitHub. */
  readonly repository: string
}

/** null until the first release: pages then say how to build. With a value, `npm run docs` makes them install from there. */
export const released: Released | null = null
