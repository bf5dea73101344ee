import { defineNodeCheck } from '../check.ts'
import { eachKubelet, ifKnown } from './outcomes.ts'

const SUBJECT = 'Kubelets'

type Code = 'KubeletDown'

export const kubeletsAnswer = defineNodeCheck<Code>({
  id: 'KubeletsAnswer',
  asks: 'Whether the port of each kubelet answers from here. What does not, of a Node that is Ready, is not visible: nothing is known of its certificate.',
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
  },
  run: ({ kubelets }) =>
    ifKnown(kubelets, SUBJECT, (known) =>
      eachKubelet<Code>(
        known,
        ({ node, dialled }) => {
          // A Node without an address is a finding of another check.
          if (dialled?.kind !== 'nothing' || node.dial === null) return []
          const evidence = `its kubelet does not answer: ${dialled.because}`
          return node.ready
            ? [{ kind: 'notVisible', evidence: evidence }]
            : [{ kind: 'found', code: 'KubeletDown', evidence: `the Node is not Ready, and ${evidence}` }]
        },
        { subject: SUBJECT, ok: 'each kubelet whose Node has an address answers' },
      ),
    ),
})
