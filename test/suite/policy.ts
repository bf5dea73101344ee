import { stringify } from 'yaml'
import { clusterFile } from './suite.ts'

const { reservedNames, reservedAddresses, namePatterns, addressPrefixes, maxExpirationSeconds } =
  clusterFile.policy

/** What our policy is told of the suite's cluster, as YAML. */
export const POLICY = stringify({
  maxExpirationSeconds,
  patienceSeconds: 5,
  reserved: { names: reservedNames, addresses: reservedAddresses },
  names: { patterns: namePatterns },
  addresses: { prefixes: addressPrefixes },
})
