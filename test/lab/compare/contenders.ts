/** Who is compared, and what each is told. */
import project from '../../../package.json' with { type: 'json' }
import { shippedProgram } from '../../kit/service/shipped.ts'
import { type ServiceOptions, startService } from '../../kit/service/service.ts'
import { POLICY } from '../../suite/policy.ts'
import { clusterFile } from '../../suite/suite.ts'
import type { Contender } from './contender.ts'
import { goContender } from './go-contender.ts'
import type { Manifest } from './go-contender.ts'
import { postfinancePermissions, servingApproverPermissions } from './permissions.ts'

const SERVICE_USER = 'system:serviceaccount:kubelet-csr-gate:kubelet-csr-gate'

type Told = Pick<ServiceOptions, 'policy' | 'proof'>

const controllerWith = (told: string, options: Told): Contender => ({
  name: project.name,
  told,
  version: `v${project.version}`,
  user: SERVICE_USER,
  start: async (cluster, launcher = []) =>
    startService(cluster, { webhook: false, ...options, launcher, ...(await shippedProgram()) }),
})

export const ours = controllerWith(
  'the controller alone, the suite’s policy; it leaves what it does not approve',
  { policy: POLICY },
)

/** For benchmarks, whose nodes are all honest. */
export const unlimited = controllerWith('the controller alone, the default policy', {
  proof: 'warn',
})

/** As its chart starts it; one replica needs no leader. */
const postfinance = (told: string, environment: Manifest['environment']) =>
  ({
    program: 'kubelet-csr-approver',
    told,
    args: ['-metrics-bind-address', '127.0.0.1:8080', '-health-probe-bind-address', '127.0.0.1:8081'],
    environment,
    permissions: postfinancePermissions,
    healthUrl: 'http://127.0.0.1:8081/healthz',
  }) as const satisfies Manifest

/** What our policy is told of the same nodes, and as many names as the honest node with the most has. */
const { namePatterns, addressPrefixes, maxExpirationSeconds } = clusterFile.policy
const KNOWN = {
  PROVIDER_REGEX: `^(${namePatterns.join('|')})$`,
  PROVIDER_IP_PREFIXES: addressPrefixes.join(','),
  MAX_EXPIRATION_SEC: `${maxExpirationSeconds}`,
  ALLOWED_DNS_NAMES: '3',
}

const servingApprover: Manifest = {
  program: 'kubelet-serving-cert-approver',
  told: 'its manifests’ defaults; it has no policy to set',
  args: ['serve'],
  environment: { NAMESPACE: servingApproverPermissions.namespace },
  permissions: servingApproverPermissions,
  healthUrl: 'http://127.0.0.1:8080/readyz',
}

/** For benchmarks: as lenient as it can be set. */
export const lenientPostfinance = postfinance('any name, any address, DNS bypassed', {
  BYPASS_DNS_RESOLUTION: 'true',
})

const manifests: readonly Manifest[] = [
  postfinance('its chart’s defaults, names resolve', { ALLOWED_DNS_NAMES: '1' }),
  postfinance('the same names and prefixes as ours, names resolve', KNOWN),
  postfinance('the same names and prefixes as ours, DNS bypassed', {
    ...KNOWN,
    BYPASS_DNS_RESOLUTION: 'true',
  }),
  servingApprover,
]

export async function otherContenders(): Promise<readonly Contender[]> {
  return Promise.all(manifests.map(async (manifest) => await goContender(manifest)))
}
