/** Hostile inputs as faults of the storm: each lasts as long as any other fault. */
import { unregisterWebhook } from '../../kit/service/webhook.ts'
import type { Fault } from '../faults.ts'
import { forgetAsked, type Holdings } from './holdings.ts'
import type { HostileInput } from './input.ts'
import { hostileInputs } from './inputs.ts'
import { runAttacker } from './run-attacker.ts'

const befalls: Readonly<Record<HostileInput['against'], Fault['on']>> = {
  'webhook port': 'webhook',
  'probe port': 'replica',
  'api server': 'cluster',
}

const portOf = (url: string): number => Number(new URL(url).port)

export function attacksWith(holdings: Holdings): readonly Fault[] {
  return hostileInputs.map((input) => ({
    name: `${input.name}: ${input.does}`,
    on: befalls[input.against],
    run: async ({ cluster, installation }, { service }, over) => {
      const { webhookUrl, metricsUrl } = service
      const targets = { ...holdings, webhookPort: portOf(webhookUrl), probePorts: [portOf(metricsUrl)] }
      if (input.unregistered) await unregisterWebhook(cluster.admin)
      await runAttacker(cluster.directory, input, targets, over)
      if (input.unregistered) await installation.register()
      if (input.against === 'api server') await forgetAsked(cluster)
    },
  }))
}
