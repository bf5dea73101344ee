import { defineCheck } from '../check.ts'
import { found, ifKnown, ok } from './outcomes.ts'
import { addsFlag } from '../steps.ts'

const DEFAULT_QPS = 20
/** The signer issued 24 certificates a second at 20 requests a second, one request each and a burst. */
const ISSUED_PER_REQUEST = 1.2
/** A kubelet waits 15 min for approval and certificate; a third of that is for all others who use the client. */
const SLOW_SECONDS = 300

export const signerKeepsUp = defineCheck({
  id: 'SignerKeepsUp',
  subject: 'Signer',
  asks: 'How long kube-controller-manager takes to issue a certificate for every Node, by its --kube-api-qps.',
  kinds: {
    SignerSlow: {
      severity: 'warning',
      means:
        'If all nodes ask at once, as after an outage, kubelets give up before their certificates are issued, and ask again.',
      fix: [
        {
          on: 'each control plane of kubeadm, one after the other',
          run: addsFlag('kube-controller-manager', '--kube-api-qps=100', '--kube-api-burst=200'),
        },
      ],
    },
  },
  run: ({ controllerManagers, nodes }) =>
    ifKnown(controllerManagers, (pods) =>
      ifKnown(nodes, ({ length }) => {
        const slowest = Math.min(...pods.map(({ flags }) => Number(flags.get('kube-api-qps') ?? DEFAULT_QPS)))
        const seconds = Math.ceil(length / (slowest * ISSUED_PER_REQUEST))
        const evidence = `at --kube-api-qps=${slowest} it takes about ${seconds} s to issue certificates for ${length} nodes`
        return seconds > SLOW_SECONDS ? [found('SignerSlow', evidence)] : [ok(evidence)]
      }),
    ),
})
