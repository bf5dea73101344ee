/** Where the API server is; it may stand below a path, as behind Rancher. */
export interface Place {
  readonly origin: string
  readonly below: string
  /** A name in lower case, or an address without brackets. */
  readonly host: string
}

/** @param server the URL of the API server, as configured */
export function placeOf(server: string): Place {
  const { origin, pathname, hostname } = new URL(server)
  const host = hostname.replace(/^\[(.*)\]$/u, '$1').toLowerCase()
  return { origin, below: pathname.replace(/\/$/u, ''), host }
}
