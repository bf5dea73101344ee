import { utc } from '../../../policies/text.ts'
import { age } from '../../fleet/finding.ts'
import { defineCheck, type Outcome } from '../check.ts'
import type { Kubelet } from '../facts.ts'
import { subjectOf } from '../kubelets.ts'
import { ifKnown, orOk } from './outcomes.ts'

/** The Date header has whole seconds, and the signer sets notBefore five minutes back. */
const DIFFERS_MS = 60_000

type Id = 'ClockDiffers' | 'CertificateFromFuture'

export const clocksAgree = defineCheck<Id>({
  id: 'ClocksAgree',
  asks: 'The clock of this machine against the Date header of the API server, and when the certificates of kubelets begin.',
  kinds: {
    ClockDiffers: {
      severity: 'warning',
      means:
        'The clocks of this machine and of the API server differ. One of them is wrong, and certificates count by both.',
      fix: 'timedatectl status; sudo chronyc makestep',
    },
    CertificateFromFuture: {
      severity: 'warning',
      means:
        'The certificate is not valid yet by the clock of the API server: the clock of kube-controller-manager is ahead.',
      fix: 'On each control plane: sudo chronyc makestep',
    },
  },
  run: ({ clockAheadMs, kubelets, now }) => [
    ...orOk<Id>(
      clockOutcomes(clockAheadMs),
      'Clock of this machine',
      'agrees with the clock of the API server',
    ),
    ...ifKnown(kubelets, 'Certificates of kubelets', (known) =>
      known.flatMap((kubelet) => future(kubelet, now)),
    ),
  ],
})

function clockOutcomes(ahead: number): Outcome<Id>[] {
  if (Math.abs(ahead) <= DIFFERS_MS) return []
  const evidence = `it is ${age(Math.abs(ahead))} ${ahead > 0 ? 'ahead of' : 'behind'} the clock of the API server`
  return [{ found: 'ClockDiffers', subject: 'Clock of this machine', evidence }]
}

function future(kubelet: Kubelet, now: number): Outcome<Id>[] {
  const begins = kubelet.certificate?.validFromDate.getTime() ?? 0
  if (begins <= now) return []
  const evidence = `its certificate begins at ${utc(begins)}, in ${age(begins - now)}`
  return [{ found: 'CertificateFromFuture', subject: subjectOf(kubelet), evidence }]
}
