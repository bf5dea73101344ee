/** The values that are held to drift nowhere: the profiles of the chart, and what no profile turns on. */
import { allProfiles } from '../chart/helm.ts'

export interface Subject {
  readonly name: string
  readonly values: Readonly<Record<string, unknown>>
}

const on = { enabled: true }

const others: readonly Subject[] = [
  { name: 'defaults', values: {} },
  { name: 'host network', values: { profile: 'hostNetwork' } },
  {
    name: 'every guard',
    values: {
      guard: { ...on, breakGlassGroups: ['security:break-glass'] },
      bootstrapGuard: on,
      validatingAdmissionPolicy: {
        ...on,
        expressions: [{ expression: "object.metadata.name != 'x'", message: 'x is taken' }],
      },
      networkPolicy: { ...on, apiServers: ['192.0.2.10/32'] },
    },
  },
  {
    name: 'all monitoring',
    values: {
      metrics: {
        serviceMonitor: { ...on, interval: '30s', scrapeTimeout: '10s' },
        prometheusRule: on,
        dashboard: on,
      },
    },
  },
  { name: 'pod monitor', values: { metrics: { podMonitor: { ...on, interval: '30s' } } } },
]

/** Every profile of `ci/`, then the others. */
export async function subjects(): Promise<readonly Subject[]> {
  return [...(await allProfiles()), ...others]
}
