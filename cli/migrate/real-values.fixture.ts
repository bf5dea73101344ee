/** Tests only: values of the chart kubelet-csr-approver as clusters run it, and what must be said of them. */
export interface RealValues {
  readonly title: string
  readonly text: string
  readonly policy: Readonly<Record<string, unknown>>
  /** Whole notes, `effect setting: text`. */
  readonly notes: readonly string[]
}

const YEAR = { maxExpirationSeconds: 31_708_800 }

const unanchored = (regex: string): string =>
  `changed providerRegex: ${regex} is not anchored, so it accepts every name that contains a match. ` +
  'policy.names.patterns has the same meaning, hence the .* in it: remove it if whole names were meant'
const wholeNames = 'same providerRegex: policy.names.patterns: each matches the whole name, in any case'
const noDns =
  'none bypassDnsResolution: names need no DNS here: every name and address must be one that the Node reports and that no other Node holds'
const unknown = (setting: string): string =>
  `none ${setting}: the chart of the approver has no such value, so it had no effect`

export const realValues: readonly RealValues[] = [
  {
    title: 'numbered nodes without DNS, and a misspelt monitor',
    text: 'replicas: 1\nproviderRegex: ^k\\d+$\nbypassDnsResolution: true\nmetrics:\n  enable: true\n  servicemonitor: {enabled: true}\nresources: {limits: {cpu: null}}\n',
    policy: { ...YEAR, names: { patterns: ['k\\d+'] } },
    notes: [wholeNames, noDns, unknown('metrics.servicemonitor')],
  },
  {
    title: 'Kubespray with one subnet and a day',
    text: 'providerRegex: "^(cp|worker)-[acd]$"\nproviderIpPrefixes:\n  - "10.20.0.0/16"\nbypassDnsResolution: true\nmaxExpirationSeconds: "86400"\n',
    policy: {
      names: { patterns: ['(cp|worker)-[acd]'] },
      addresses: { prefixes: ['10.20.0.0/16'] },
      maxExpirationSeconds: 86_400,
    },
    notes: [
      wholeNames,
      'same providerIpPrefixes: policy.addresses.prefixes',
      'same maxExpirationSeconds: policy.maxExpirationSeconds. CSRs without expirationSeconds, as of every stock kubelet, have no limit',
    ],
  },
  {
    title: 'the name of the cluster at the start',
    text: 'bypassDnsResolution: true\nproviderRegex: "^prod"\n',
    policy: { ...YEAR, names: { patterns: ['prod.*'] } },
    notes: [unanchored('^prod')],
  },
  {
    title: 'everything is accepted',
    text: 'providerRegex: ".*"\nbypassDnsResolution: true\n',
    policy: YEAR,
    notes: ['same providerRegex: it accepts every name, as no policy.names.patterns does'],
  },
  {
    title: 'a parent chart, with prefixes in one string',
    text: 'kubelet-csr-approver:\n  providerIpPrefixes: "10.0.0.0/16,198.51.100.10/32"\n  bypassDnsResolution: true\n',
    policy: { ...YEAR, addresses: { prefixes: ['10.0.0.0/16', '198.51.100.10/32'] } },
    notes: ['same providerIpPrefixes: policy.addresses.prefixes'],
  },
  {
    title: 'misspelt values, and every name in which a word occurs',
    text: 'providerRegex: k8s(master|worker)\nproviderIpPrefixed: 10.0.10.0/24,10.0.100.0/24\nallowedDNSNames: 10\nbypassDnsResolution: true\nbypassHostnameCheck: true\nloggingLevel: 10\n',
    policy: { ...YEAR, names: { patterns: ['.*k8s(master|worker).*'] } },
    notes: [
      unanchored('k8s(master|worker)'),
      unknown('providerIpPrefixed'),
      unknown('allowedDNSNames'),
      'same loggingLevel: logLevel: debug',
      'none bypassHostnameCheck: stricter: any name was accepted; now only names that the Node reports. See which CSRs that refuses: kubelet-csr-gate shadow',
    ],
  },
  {
    title: 'a HelmRelease of Flux',
    text: "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nspec:\n  values:\n    providerRegex: '^(cp[1-3]|w[1-3])$'\n    providerIpPrefixes: [10.69.112.0/24]\n    bypassDnsResolution: true\n    ignoreNonSystemNode: true\n    replicas: 2\n    metrics: {enable: false}\n",
    policy: {
      ...YEAR,
      names: { patterns: ['(cp[1-3]|w[1-3])'] },
      addresses: { prefixes: ['10.69.112.0/24'] },
      foreignRequesters: 'ignore',
    },
    notes: [
      'same ignoreNonSystemNode: policy.foreignRequesters: ignore',
      'none metrics.enable: metrics are always served. Restrict who reads them: networkPolicy.scrapers',
    ],
  },
  {
    title: 'instances of a cloud',
    text: 'providerRegex: "^i-[a-z0-9-_]*(\\\\.eu-central-1\\\\.compute\\\\.internal)?$"\n',
    policy: { ...YEAR, names: { patterns: ['i-[a-z0-9-_]*(\\.eu-central-1\\.compute\\.internal)?'] } },
    notes: [
      'none bypassDnsResolution: there is no look-up in DNS, so a failure of DNS denies nothing: every name and address must be one that the Node reports and that no other Node holds',
    ],
  },
  {
    title: 'each node by its address',
    text: "providerRegex: '^ubuntu-24-04-(mgmt|wrk)-0[1-3]$'\nproviderIpPrefixes: '172.16.6.20/32,172.16.6.21/32'\nbypassDnsResolution: false\nbypassHostnameCheck: false\nskipDenyStep: true\n",
    policy: {
      ...YEAR,
      names: { patterns: ['ubuntu-24-04-(mgmt|wrk)-0[1-3]'] },
      addresses: { prefixes: ['172.16.6.20/32', '172.16.6.21/32'] },
      mode: 'approveOnly',
    },
    notes: ['same skipDenyStep: policy.mode: approveOnly, nothing is refused or denied'],
  },
  {
    title: 'names that were joined without a group, so that only the first and the last are anchored',
    text: 'replicas: 1\nproviderRegex: "^m1|m2|m3$"\nproviderIpPrefixes: [192.0.2.1/32, 192.0.2.2/24]\nmaxExpirationSeconds: ""\nallowedDnsNames: 1\nignoreNonSystemNode: true\nenv:\n  - {name: KUBERNETES_SERVICE_HOST, value: 192.0.2.9}\n  - {name: KUBERNETES_SERVICE_PORT, value: "6443"}\n',
    policy: {
      ...YEAR,
      names: { patterns: ['m1.*', '.*m2.*', '.*m3'] },
      addresses: { prefixes: ['192.0.2.1/32', '192.0.2.0/24'] },
      foreignRequesters: 'ignore',
    },
    notes: [
      unanchored('^m1|m2|m3$'),
      'changed providerIpPrefixes: 192.0.2.2/24 -> 192.0.2.0/24: host bits are ignored there, and are a fault here',
      'same env KUBERNETES_SERVICE_HOST: kubeApi.host and kubeApi.port',
    ],
  },
]
