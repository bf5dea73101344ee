import { age } from '../../output/age.ts'
import { defineCheck, type Outcome } from '../check.ts'
import type { ControlPlanePod, Facts } from '../facts.ts'
import { found, ifKnown, notVisible, ok } from './outcomes.ts'
import { addsFlag } from '../steps.ts'

/** kube-controller-manager renews its Lease every 2 s, and loses it after 15 s. */
const STOPPED_MS = 60_000
/** Its name, and its alias: kubernetes cmd/kube-controller-manager/names. */
const CONTROLLERS = ['certificatesigningrequest-signing-controller', 'csrsigning']
/** Without one of them the signer for kubelets is not started. */
const CA_FLAGS = ['cluster-signing-cert-file', 'cluster-signing-kubelet-serving-cert-file']

type Code = 'ControllerManagerStopped' | 'SignerDisabled' | 'SignerWithoutCa'

export const signerRuns = defineCheck<Code>({
  id: 'SignerRuns',
  subject: 'Signer',
  asks: 'Whether the signer of kube-controller-manager runs, by its Lease and its flags --controllers and --cluster-signing-*.',
  kinds: {
    ControllerManagerStopped: {
      severity: 'critical',
      means: 'Approved CSRs are not issued, because nothing signs them.',
      fix: [
        {
          on: 'a control plane',
          about: 'See whether it runs, and why not',
          run: 'sudo crictl ps -a --name kube-controller-manager; sudo journalctl --unit kubelet --no-pager --since -10min | grep controller-manager',
        },
      ],
    },
    SignerDisabled: {
      severity: 'critical',
      means: 'kube-controller-manager runs without its signer. Approved CSRs are not issued.',
      fix: [
        {
          on: 'each control plane of kubeadm, one after the other',
          run: "sudo sed -i -E '/--controllers=/s/,?-(csrsigning|certificatesigningrequest-signing-controller)//' /etc/kubernetes/manifests/kube-controller-manager.yaml",
        },
      ],
    },
    SignerWithoutCa: {
      severity: 'critical',
      means:
        'kube-controller-manager has no CA for kubelet-serving certificates, so its signer does not start. Approved CSRs are not issued.',
      fix: [
        {
          on: 'each control plane of kubeadm, one after the other',
          run: addsFlag(
            'kube-controller-manager',
            '--cluster-signing-cert-file=/etc/kubernetes/pki/ca.crt',
            '--cluster-signing-key-file=/etc/kubernetes/pki/ca.key',
          ),
        },
      ],
    },
  },
  run: (facts) => [...leaderOutcomes(facts), ...flagOutcomes(facts)],
})

function leaderOutcomes({ leader, now }: Facts): readonly Outcome<Code>[] {
  const subject = 'kube-controller-manager'
  return ifKnown(
    leader,
    (known) => {
      if (known === null) return [notVisible('it has no Lease in kube-system', subject)]
      const ago = now - known.renewedAt
      if (ago <= STOPPED_MS) return [ok(`its leader renewed its Lease ${age(ago)} ago`, subject)]
      const evidence = `no leader has renewed the Lease kube-system/kube-controller-manager for ${age(ago)}`
      return [found('ControllerManagerStopped', evidence, { subject })]
    },
    subject,
  )
}

function flagOutcomes({ controllerManagers }: Facts): readonly Outcome<Code>[] {
  return ifKnown(controllerManagers, (pods) => pods.map(flagOutcome))
}

function flagOutcome({ name, flags }: ControlPlanePod): Outcome<Code> {
  const subject = `Pod kube-system/${name}`
  const controllers = flags.get('controllers') ?? '*'
  if (!isOn(controllers.split(','))) {
    const evidence = `--controllers=${controllers} leaves out csrsigning`
    return found('SignerDisabled', evidence, { subject })
  }
  if (CA_FLAGS.some((flag) => flags.has(flag))) return ok('its signer is on', subject)
  return found('SignerWithoutCa', '--cluster-signing-cert-file is not set', { subject })
}

/** As kubernetes controller-manager/app.IsControllerEnabled: the first entry that names it counts, then `*`. */
function isOn(listed: readonly string[]): boolean {
  const first = listed.find((entry) => CONTROLLERS.includes(entry.replace(/^-/u, '')))
  return first === undefined ? listed.includes('*') : !first.startsWith('-')
}
