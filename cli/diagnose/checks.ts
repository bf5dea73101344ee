import type { Check } from './check.ts'
import type { FleetFacts } from './facts.ts'
import { apiServerVerifiesKubelets } from './checks/api-server-verifies-kubelets.ts'
import { approverIsAlone } from './checks/approver-is-alone.ts'
import { bootstrapIsOn } from './checks/bootstrap-is-on.ts'
import { certificatesAreValid } from './checks/certificates-are-valid.ts'
import { clientCertificatesRotate } from './checks/client-certificates-rotate.ts'
import { clocksAgree } from './checks/clocks-agree.ts'
import { csrsAreDecided } from './checks/csrs-are-decided.ts'
import { csrsAreIssued } from './checks/csrs-are-issued.ts'
import { fewMayApprove } from './checks/few-may-approve.ts'
import { kubeletCaIsSeparate } from './checks/kubelet-ca-is-separate.ts'
import { kubeletsAnswer } from './checks/kubelets-answer.ts'
import { kubeletsAsk } from './checks/kubelets-ask.ts'
import { metricsServerVerifies } from './checks/metrics-server-verifies.ts'
import { newNodesAsk } from './checks/new-nodes-ask.ts'
import { nodeRestrictionIsOn } from './checks/node-restriction-is-on.ts'
import { sansCoverTheAddress } from './checks/sans-cover-the-address.ts'
import { signerKeepsUp } from './checks/signer-keeps-up.ts'
import { signerRuns } from './checks/signer-runs.ts'
import { somebodyApproves } from './checks/somebody-approves.ts'
import { webhookAnswers } from './checks/webhook-answers.ts'

/** The checks of single nodes: `status` shows the first finding of each. */
export const nodeChecks: readonly Check<string, FleetFacts>[] = [
  kubeletsAnswer,
  kubeletsAsk,
  certificatesAreValid,
  sansCoverTheAddress,
  bootstrapIsOn,
  csrsAreIssued,
  csrsAreDecided,
]

/** All checks. Of findings with the same severity, those of an earlier check come first: causes before effects. */
export const checks: readonly Check[] = [
  kubeletCaIsSeparate,
  fewMayApprove,
  nodeRestrictionIsOn,
  signerRuns,
  clocksAgree,
  webhookAnswers,
  approverIsAlone,
  somebodyApproves,
  ...nodeChecks,
  apiServerVerifiesKubelets,
  newNodesAsk,
  clientCertificatesRotate,
  signerKeepsUp,
  metricsServerVerifies,
]
