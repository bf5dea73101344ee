import { defineCheck } from '../check.ts'
import { subjectOf } from '../kubelets.ts'
import { ifKnown, orOk } from './outcomes.ts'

const SUBJECT = 'Kubelets'

export const kubeletsAnswer = defineCheck({
  id: 'KubeletsAnswer',
  asks: 'Whether the port of each kubelet answers from here. What does not is not visible: of these nodes, nothing is known about certificates.',
  kinds: {},
  run: ({ kubelets }) =>
    ifKnown(kubelets, SUBJECT, (known) =>
      orOk(
        known.flatMap((kubelet) =>
          kubelet.dialled?.saw === 'nothing'
            ? [
                {
                  notVisible: `its kubelet does not answer: ${kubelet.dialled.because}`,
                  subject: subjectOf(kubelet),
                },
              ]
            : [],
        ),
        SUBJECT,
        'each kubelet whose Node has an address answers',
      ),
    ),
})
