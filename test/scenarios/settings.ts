/** Names and addresses that no node of the scenarios may have, and the policy. */

/** The control plane's endpoint, as kube-public/cluster-info has it for joining nodes. */
export const API_HOST = 'api.example.com'

/** In the range of Services; hostile Nodes ask for them. */
export const SERVICE_ADDRESSES = ['10.96.7.7', '10.96.200.3'] as const

export const RESERVED_NAME = 'vault.example.com'
export const RESERVED_ADDRESS = '203.0.113.53'

/** What an operator can configure in any approver for the nodes of this cluster. RE2, each for a whole name. */
export const NAME_PATTERNS = ['[a-z0-9-]+', '[a-z0-9.-]+\\.example\\.com'] as const
export const NODE_PREFIXES = ['10.0.0.0/16', '192.0.2.10/32', '203.0.113.0/24', '2001:db8::/32'] as const
export const LONGEST_SECONDS = 31_536_000

export const POLICY = `maxExpirationSeconds: ${LONGEST_SECONDS}
patienceSeconds: 5
reserved:
  names: [${RESERVED_NAME}]
  addresses: [${RESERVED_ADDRESS}]
names:
  patterns: [${NAME_PATTERNS.map((pattern) => `'${pattern}'`).join(', ')}]
addresses:
  prefixes: [${NODE_PREFIXES.map((prefix) => `'${prefix}'`).join(', ')}]
`
