import { defineCheck, type Outcome } from '../check.ts'
import type { ControlPlanePod } from '../facts.ts'
import { ifKnown } from './outcomes.ts'
import { addsToList } from '../steps.ts'

const SUBJECT = 'NodeRestriction'
const PLUGIN = 'NodeRestriction'

type Code = 'NodeRestrictionOff'

export const nodeRestrictionIsOn = defineCheck<Code>({
  id: 'NodeRestrictionIsOn',
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
        ? [
            {
              kind: 'ok',
              evidence: 'a dry run as a node could not write the Node of another node',
              subject: SUBJECT,
            },
          ]
        : [
            {
              kind: 'found',
              code: 'NodeRestrictionOff',
              subject: SUBJECT,
              evidence: 'a dry run as a node could create the Node of another node',
            },
          ]
    const { because } = nodeRestriction
    if (!apiServers.known)
      return [{ kind: 'notVisible', evidence: `${because}; ${apiServers.because}`, subject: SUBJECT }]
    return ifKnown(apiServers, SUBJECT, (pods) => pods.map(outcomeOf))
  },
})

function outcomeOf({ name, flags }: ControlPlanePod): Outcome<Code> {
  const subject = `Pod kube-system/${name}`
  const plugins = flags.get('enable-admission-plugins') ?? ''
  if (plugins.split(',').includes(PLUGIN))
    return { kind: 'ok', evidence: `--enable-admission-plugins=${plugins}`, subject }
  const evidence = `--enable-admission-plugins=${plugins} does not name NodeRestriction`
  return { kind: 'found', code: 'NodeRestrictionOff', subject, evidence }
}
