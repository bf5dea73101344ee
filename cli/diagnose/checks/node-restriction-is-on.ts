import { defineCheck, type Outcome } from '../check.ts'
import type { ControlPlanePod } from '../facts.ts'
import { found, ifKnown, notVisible, ok } from './outcomes.ts'
import { addsToList } from '../steps.ts'

const PLUGIN = 'NodeRestriction'

type Code = 'NodeRestrictionOff'

export const nodeRestrictionIsOn = defineCheck<Code>({
  id: 'NodeRestrictionIsOn',
  subject: 'NodeRestriction',
  asks: 'Whether a node may write the Node object of another node. doctor tries it in a dry run as a node or, if it may not, reads --enable-admission-plugins.',
  kinds: {
    NodeRestrictionOff: {
      severity: 'critical',
      means:
        'Every node can write the Node objects of other nodes, and so report any address for them. No approver can then rely on Node objects.',
      fix: [
        {
          on: 'each control plane of kubeadm, one after the other',
          run: addsToList('kube-apiserver', '--enable-admission-plugins', 'NodeRestriction'),
        },
      ],
    },
  },
  run: ({ nodeRestriction, apiServers }) => {
    if (nodeRestriction.known)
      return nodeRestriction.value === 'enforced'
        ? [ok('a dry run as a node could not write the Node of another node')]
        : [found('NodeRestrictionOff', 'a dry run as a node could create the Node of another node')]
    const { because } = nodeRestriction
    if (!apiServers.known) return [notVisible(`${because}; ${apiServers.because}`)]
    return ifKnown(apiServers, (pods) => pods.map(outcomeOf))
  },
})

function outcomeOf({ name, flags }: ControlPlanePod): Outcome<Code> {
  const subject = `Pod kube-system/${name}`
  const plugins = flags.get('enable-admission-plugins') ?? ''
  if (plugins.split(',').includes(PLUGIN)) return ok(`--enable-admission-plugins=${plugins}`, subject)
  const evidence = `--enable-admission-plugins=${plugins} does not name NodeRestriction`
  return found('NodeRestrictionOff', evidence, { subject })
}
