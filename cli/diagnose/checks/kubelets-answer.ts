import { defineNodeCheck, type Outcome } from '../check.ts'
import type { Kubelet } from '../facts.ts'
import { eachKubelet, found, ifKnown, notVisible } from './outcomes.ts'
import { LISTEN_ON_PORT } from '../steps.ts'

type Code = 'KubeletDown' | 'KubeletOnOtherPort'

export const kubeletsAnswer = defineNodeCheck<Code>({
  id: 'KubeletsAnswer',
  subject: 'Kubelets',
  asks: 'Whether the port of each kubelet answers from here. If it does not and the Node is Ready, its certificate is not visible.',
  kinds: {
    KubeletDown: {
      severity: 'warning',
      means:
        'The Node is not Ready, and the port of its kubelet does not answer from here: the kubelet or its machine is down.',
      fix: [
        { on: 'NODE', run: 'sudo systemctl restart kubelet' },
        {
          on: 'NODE',
          about: 'If it stops again',
          run: 'sudo journalctl --unit kubelet --no-pager --since -10min',
        },
      ],
    },
    KubeletOnOtherPort: {
      severity: 'warning',
      means:
        'The kubelet does not listen on the port that kubelet-csr-gate dials. kubectl logs works, because the API server dials the port that the Node reports. kubelet-csr-gate does not trust that port, so it cannot prove the addresses of the Node or see its certificate.',
      fix: [LISTEN_ON_PORT, { about: 'If all kubelets listen there, set kubelet.port of the chart instead' }],
    },
  },
  run: ({ kubelets }) =>
    ifKnown(kubelets, (known) =>
      eachKubelet(known, outcomesOf, 'each kubelet whose Node has an address answers'),
    ),
})

function outcomesOf({ node, dialled }: Kubelet): Outcome<Code>[] {
  // A Node without an address is a finding of another check.
  if (dialled?.kind !== 'nothing' || node.dial === null) return []
  const evidence = `its kubelet does not answer: ${dialled.because}`
  if (!node.ready) return [found('KubeletDown', `the Node is not Ready, and ${evidence}`)]
  const { reportedPort, dial } = node
  if (reportedPort === 0 || reportedPort === dial.port) return [notVisible(evidence)]
  return [
    found(
      'KubeletOnOtherPort',
      `its Node reports the port ${reportedPort}, and nothing answers on ${dial.port}: ${dialled.because}`,
      { names: { PORT: String(dial.port) } },
    ),
  ]
}
