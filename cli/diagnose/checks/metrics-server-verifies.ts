import { defineCheck } from '../check.ts'
import { ifKnown, orOk } from './outcomes.ts'

const SUBJECT = 'metrics-server'

export const metricsServerVerifies = defineCheck({
  id: 'MetricsServerVerifies',
  asks: 'Whether metrics-server, if it is installed, runs with --kubelet-insecure-tls.',
  kinds: {
    MetricsServerTrustsAnybody: {
      severity: 'info',
      means: 'metrics-server sends its token to whoever answers at the address of a kubelet.',
      fix: [
        {
          about: 'First check that every kubelet serves a certificate of the cluster',
          run: 'kubelet-csr-gate status',
        },
        {
          about: 'In the editor, remove --kubelet-insecure-tls',
          run: 'kubectl --namespace NAMESPACE edit KIND NAME',
        },
      ],
    },
  },
  run: ({ workloads }) =>
    ifKnown(workloads, SUBJECT, (known) =>
      orOk(
        known.flatMap(({ kind, namespace, name, args }) =>
          args.some((arg) => /^--kubelet-insecure-tls(?:=true)?$/u.test(arg))
            ? [
                {
                  kind: 'found',
                  code: 'MetricsServerTrustsAnybody' as const,
                  subject: `${kind} ${namespace}/${name}`,
                  evidence: 'it has the flag --kubelet-insecure-tls',
                  names: { NAMESPACE: namespace, NAME: name, KIND: kind.toLowerCase() },
                },
              ]
            : [],
        ),
        SUBJECT,
        'no metrics-server has the flag --kubelet-insecure-tls',
      ),
    ),
})
