import type { Service } from './service.ts'

/** What a service shows at /metrics. Rejects with the end of its log where it does not answer. */
export async function metricsPage(service: Pick<Service, 'metricsUrl' | 'tail'>): Promise<string> {
  try {
    return await (await fetch(`${service.metricsUrl}/metrics`)).text()
  } catch (cause) {
    throw new Error(`the service does not answer; its log ends: ${await service.tail()}`, { cause })
  }
}

/** The sum of the samples of a metric that has labels; of those with this label alone, such as `result="written"`. */
export function sumIn(page: string, metric: string, label = ''): number {
  const samples = page.matchAll(new RegExp(`^${metric}\\{[^}]*${label}[^}]*\\} (.*)$`, 'gm'))
  return [...samples].reduce((sum, [, value]) => sum + Number(value), 0)
}
