/** What the cluster of the scenarios is told: names and addresses that no node may have, and the policy. */

/** The control plane's endpoint, as kube-public/cluster-info tells it to joining nodes. */
export const API_HOST = 'api.example.com'

export const RESERVED_NAME = 'vault.example.com'
export const RESERVED_ADDRESS = '203.0.113.53'

export const POLICY = `maxExpirationSeconds: 31536000
reserved:
  names: [${RESERVED_NAME}]
  addresses: [${RESERVED_ADDRESS}]
names:
  patterns: ['[a-z0-9-]+', '[a-z0-9.-]+\\.example\\.com']
addresses:
  prefixes: [10.0.0.0/16, 192.0.2.10, 203.0.113.0/24, '2001:db8::/32']
`
