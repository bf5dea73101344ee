import { defineCheck } from '../check.ts'
import { found, ifKnown, orOk } from './outcomes.ts'

export const metricsServerVerifies = defineCheck({
  id: 'MetricsServerVerifies',
  subject: 'metrics-server',
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
    ifKnown(workloads, (known) =>
      orOk(
        known.flatMap(({ kind, namespace, name, args }) =>
          args.some((arg) => /^--kubelet-insecure-tls(?:=true)?$/u.test(arg))
            ? [
                found('MetricsServerTrustsAnybody' as const, 'it has the flag --kubelet-insecure-tls', {
                  subject: `${kind} ${namespace}/${name}`,
                  names: { NAMESPACE: namespace, NAME: name, KIND: kind.toLowerCase() },
                }),
              ]
            : [],
        ),
        'no metrics-server has the flag --kubelet-insecure-tls',
      ),
    ),
})
