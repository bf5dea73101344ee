/** The parts of the API server's URL. It may have a path, as behind Rancher. */
export interface Place {
  /** A lower-case name, or an address without brackets. */
  readonly host: string
  readonly port: number
  /** Ahead of every path; empty if the URL has none. */
  readonly below: string
}

/** Splits the configured URL of the API server. */
export function placeOf(server: string): Place {
  const { port, pathname, hostname } = new URL(server)
  const host = hostname.replace(/^\[(.*)\]$/u, '$1').toLowerCase()
  return { host, port: Number(port || 443), below: pathname.replace(/\/$/u, '') }
}
