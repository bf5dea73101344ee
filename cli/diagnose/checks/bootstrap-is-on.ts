import { oneLine } from '../../../policies/text.ts'
import { defineNodeCheck, type Outcome } from '../check.ts'
import type { Kubelet } from '../facts.ts'
import { eachKubelet, found, ifKnown, notVisible } from './outcomes.ts'
import { TURN_ON_BOOTSTRAP } from '../steps.ts'

const ISSUER_MAX = 120

type Code = 'BootstrapOff' | 'UnknownCa'

export const bootstrapIsOn = defineNodeCheck<Code>({
  id: 'BootstrapIsOn',
  subject: 'Certificates of kubelets',
  asks: 'Who signed the certificate that each kubelet serves: the cluster (serverTLSBootstrap is on), or the kubelet itself.',
  cis: '4.2.11',
  kinds: {
    BootstrapOff: {
      severity: 'warning',
      breaksLogs: true,
      means:
        "The kubelet made its own certificate, which nobody can verify: clients say `doesn't contain any IP SANs`, or `certificate signed by unknown authority`.",
      fix: [TURN_ON_BOOTSTRAP],
    },
    UnknownCa: {
      severity: 'warning',
      breaksLogs: true,
      means: 'The certificate was signed by a CA that clients of the cluster do not trust.',
      fix: [
        {
          on: 'NODE',
          about: 'See which file holds it',
          run: "sudo grep -E 'tlsCertFile|tlsPrivateKeyFile' /var/lib/kubelet/config.yaml",
        },
      ],
    },
  },
  run: ({ kubelets }) =>
    ifKnown(kubelets, (all) => {
      const known = all.filter(({ certificate }) => certificate !== null)
      if (known.length === 0) return [notVisible('no kubelet showed a certificate')]
      const fleetCa = issuerOfAll(known)
      const ok = `${known.length} kubelets serve certificates of ${fleetCa === null ? 'the cluster' : oneLine(fleetCa, ISSUER_MAX)}`
      return eachKubelet(known, (kubelet) => outcomesOf(kubelet, fleetCa), ok)
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

function outcomesOf({ certificate, signedBy }: Kubelet, fleetCa: string | null): Outcome<Code>[] {
  const issuer = oneLine(certificate?.issuer.replaceAll('\n', ', ') ?? '', ISSUER_MAX)
  if (signedBy === 'itself') return [found('BootstrapOff', `its certificate is self-signed, by ${issuer}`)]
  if (signedBy !== 'another' || certificate?.issuer === fleetCa) return []
  return [found('UnknownCa', `its certificate was signed by the unknown CA ${issuer}`)]
}
