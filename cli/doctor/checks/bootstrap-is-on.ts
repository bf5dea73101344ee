import { oneLine } from '../../../policies/text.ts'
import { defineCheck, type Outcome } from '../check.ts'
import type { Kubelet } from '../facts.ts'
import { subjectOf } from '../kubelets.ts'
import { ifKnown, orOk, severityOf } from './outcomes.ts'

const SUBJECT = 'Certificates of kubelets'
const ISSUER_MAX = 120

type Id = 'BootstrapOff' | 'UnknownCa'

export const bootstrapIsOn = defineCheck<Id>({
  id: 'BootstrapIsOn',
  asks: 'Who signed the certificate that each kubelet serves: the cluster (serverTLSBootstrap is on), or the kubelet itself.',
  cis: '4.2.11',
  kinds: {
    BootstrapOff: {
      severity: 'warning',
      means:
        'The kubelet made its own certificate, which nobody can verify. Critical where the API server verifies kubelets: kubectl logs and exec fail.',
      fix: "On NODE: sudo sed -i '/^serverTLSBootstrap:/d' /var/lib/kubelet/config.yaml && echo 'serverTLSBootstrap: true' | sudo tee -a /var/lib/kubelet/config.yaml && sudo systemctl restart kubelet",
    },
    UnknownCa: {
      severity: 'warning',
      means:
        'The certificate is of a CA that neither clients nor other kubelets have. Critical where the API server verifies kubelets.',
      fix: 'On NODE: sudo grep -E "tlsCertFile|tlsPrivateKeyFile" /var/lib/kubelet/config.yaml',
    },
  },
  run: (facts) =>
    ifKnown(facts.kubelets, SUBJECT, (kubelets) => {
      const known = kubelets.filter(({ certificate }) => certificate !== null)
      if (known.length === 0) return [{ notVisible: 'no kubelet showed a certificate', subject: SUBJECT }]
      const severity = severityOf(facts)
      const fleetCa = issuerOfAll(known)
      const outcomes = known.flatMap((kubelet) => outcomesOf(kubelet, fleetCa))
      return orOk(
        outcomes.map((outcome) => ({ ...outcome, severity })),
        SUBJECT,
        `${known.length} kubelets serve certificates of ${fleetCa === null ? 'the cluster' : oneLine(fleetCa, ISSUER_MAX)}`,
      )
    }),
})

/** The CA that signed all certificates, if it is one that clients do not have: a CA of kubelets only. */
function issuerOfAll(kubelets: readonly Kubelet[]): string | null {
  const issuers = new Set(
    kubelets.flatMap(({ certificate, signedBy }) => (signedBy === 'another' ? [certificate?.issuer] : [])),
  )
  const [issuer] = issuers
  const isOfAll = issuers.size === 1 && kubelets.every(({ signedBy }) => signedBy === 'another')
  return isOfAll ? (issuer ?? null) : null
}

function outcomesOf(kubelet: Kubelet, fleetCa: string | null): Outcome<Id>[] {
  const { certificate, signedBy, node } = kubelet
  const about = { subject: subjectOf(kubelet), names: { NODE: node.name } }
  const issuer = oneLine(certificate?.issuer.replaceAll('\n', ', ') ?? '', ISSUER_MAX)
  if (signedBy === 'itself')
    return [{ found: 'BootstrapOff', evidence: `its certificate is self-made, of ${issuer}`, ...about }]
  if (signedBy !== 'another' || certificate?.issuer === fleetCa) return []
  return [{ found: 'UnknownCa', evidence: `its certificate is of the unknown CA ${issuer}`, ...about }]
}
