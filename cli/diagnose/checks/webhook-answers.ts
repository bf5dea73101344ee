import { oneLine } from '../../../policies/text.ts'
import { defineCheck, type Outcome } from '../check.ts'
import { type Facts, type GateWebhook, WEBHOOK, type Workload } from '../facts.ts'
import { isOfGate } from './approver-is-alone.ts'
import { found, ifKnown, NOT_TRUSTED, notVisible, ok, orOk } from './outcomes.ts'
import { scaleUp } from '../steps.ts'

const PODS = {
  about: 'See why its pods do not answer',
  run: 'kubectl --namespace NAMESPACE get pods,endpointslices,events',
}
/** The Deployment of the chart has the name of its Service. */
const SCALE = {
  about: 'If it was scaled to 0. Otherwise this changes nothing',
  run: scaleUp('deployment SERVICE', 2),
}
const PATCH = 'kubectl patch validatingwebhookconfiguration CONFIGURATION --patch'
const MESSAGE_MAX = 300

type Code = 'WebhookFails' | 'WebhookUnregistered' | 'BundleMismatch' | 'WebhookPassedOver' | 'FailedOpen'

export const webhookAnswers = defineCheck<Code>({
  id: 'WebhookAnswers',
  subject: 'Webhook',
  asks: 'Whether API servers reach the webhook of kubelet-csr-gate, if it is installed. doctor looks at a dry run that the webhook refuses, at the caBundle, and at how often the API server went on without the webhook.',
  kinds: {
    WebhookFails: {
      severity: 'critical',
      means:
        'The API server cannot call the webhook, and failurePolicy is Fail, so no kubelet can create a CSR.',
      fix: [
        PODS,
        SCALE,
        {
          about:
            'Until the pods answer, let API servers store CSRs without the webhook. The controller still judges them, and helm upgrade restores Fail',
          run: `${PATCH} '{"webhooks":[{"name":"${WEBHOOK}","failurePolicy":"Ignore"}]}'`,
        },
      ],
    },
    BundleMismatch: {
      severity: 'critical',
      means: 'API servers cannot verify the webhook, because no CA in the caBundle signed its certificate.',
      fix: [
        {
          about: 'Write the CA of the certificate that it serves into the caBundle',
          run: `ca=$(kubectl --namespace NAMESPACE get secret SECRET --output 'jsonpath={.data.ca\\.crt}') && [ -n "$ca" ] && ${PATCH} "$(printf '{"webhooks":[{"name":"${WEBHOOK}","clientConfig":{"caBundle":"%s"}}]}' "$ca")"`,
        },
        {
          about:
            'If the caBundle becomes wrong again, check that its writer runs: the controller with tls.mode selfSigned, cert-manager-cainjector with certManager. With existingSecret, set webhook.caBundle of the chart',
        },
      ],
    },
    WebhookUnregistered: {
      severity: 'warning',
      means:
        'Pods serve the webhook, but no ValidatingWebhookConfiguration names it. API servers do not call it, so CSRs that it would refuse are stored. The controller still judges.',
      fix: [
        {
          about:
            'Find the release, and upgrade it with its own chart and values. If it was installed without Helm, apply its manifest again',
          run: 'helm list --namespace NAMESPACE',
        },
      ],
    },
    WebhookPassedOver: {
      severity: 'warning',
      means:
        'API servers admitted a dry-run CSR that the webhook should refuse. They do not reach the webhook, or its policy, which could not be read from here, refuses nothing. The controller still judges.',
      fix: [PODS, SCALE],
    },
    FailedOpen: {
      severity: 'warning',
      means:
        'CSRs were admitted without the webhook, because it did not answer. The controller judged them later.',
      fix: [PODS],
    },
  },
  run: ({ webhook, workloads, policy }) =>
    ifKnown(webhook, (installed) =>
      installed === null
        ? ifKnown(workloads, (known) => unregisteredOutcomes(known.filter(servesWebhook)))
        : outcomesOf(installed, policy),
    ),
})

/** The chart says `--component=controller` to pods that do not. */
function servesWebhook(workload: Workload): boolean {
  return isOfGate(workload) && !workload.args.includes('--component=controller')
}

function unregisteredOutcomes(serving: readonly Workload[]): readonly Outcome<Code>[] {
  const outcomes = serving.map(
    ({ kind, namespace, name }): Outcome<Code> =>
      found(
        'WebhookUnregistered',
        `it serves the webhook, and no ValidatingWebhookConfiguration has ${WEBHOOK}`,
        { subject: `${kind} ${namespace}/${name}`, names: { NAMESPACE: namespace } },
      ),
  )
  return orOk(outcomes, 'kubelet-csr-gate is not installed as a webhook')
}

function outcomesOf(webhook: GateWebhook, policy: Facts['policy']): Outcome<Code>[] {
  const subject = `ValidatingWebhookConfiguration ${webhook.configuration}`
  const names = {
    NAMESPACE: webhook.namespace,
    SERVICE: webhook.service,
    CONFIGURATION: webhook.configuration,
    SECRET: webhook.secret,
  }
  return [...trustOutcomes(webhook, policy), ...failedOpenOutcomes(webhook)].map((outcome) => ({
    ...outcome,
    subject,
    names,
  }))
}

/** A caBundle that does not fit makes the call fail: that is said once, by its cause. */
function trustOutcomes(webhook: GateWebhook, policy: Facts['policy']): Outcome<Code>[] {
  const { bundleVerifies, dryRun } = webhook
  const isRefused = dryRun.outcome === 'callFailed' && dryRun.message.includes(NOT_TRUSTED)
  if (!isRefused) return [...bundleOutcomes(webhook), dryRunOutcome(webhook, policy)]
  if (bundleVerifies.known && !bundleVerifies.value) return bundleOutcomes(webhook)
  return [found('BundleMismatch', oneLine(dryRun.message, MESSAGE_MAX))]
}

function bundleOutcomes({ bundleVerifies }: GateWebhook): Outcome<Code>[] {
  if (!bundleVerifies.known) return [notVisible(`whether its caBundle fits: ${bundleVerifies.because}`)]
  return bundleVerifies.value
    ? [ok('its caBundle verifies the certificate in its Secret')]
    : [found('BundleMismatch', 'no CA in its caBundle signed the certificate in its Secret')]
}

function dryRunOutcome(
  { dryRun: { outcome, message }, failurePolicy }: GateWebhook,
  policy: Facts['policy'],
): Outcome<Code> {
  const said = oneLine(message, MESSAGE_MAX)
  const admits = admittedBy(policy)
  switch (outcome) {
    case 'refusedByWebhook':
      return ok('it refused a dry run')
    case 'callFailed':
      return found('WebhookFails', said)
    case 'admitted':
      if (admits !== null) return notVisible(`whether it answers: ${admits}`)
      return found(
        'WebhookPassedOver',
        `a dry-run CSR of a user who is no node was admitted; failurePolicy is ${failurePolicy}`,
      )
    case 'notAllowed':
      return notVisible(`whether it answers, by a dry run: ${said}`)
  }
}

/** Why the webhook admits a CSR of a user who is no node; null if it refuses it, as far as is known. */
function admittedBy(policy: Facts['policy']): string | null {
  if (!policy.known) return null
  const { mode, foreignRequesters } = policy.value.settings
  if (mode !== 'enforce') return `policy.mode is ${mode}, which refuses nothing`
  return foreignRequesters === 'ignore' ? 'policy.foreignRequesters is ignore' : null
}

function failedOpenOutcomes({ failedOpen }: GateWebhook): Outcome<Code>[] {
  if (!failedOpen.known) return [notVisible(failedOpen.because)]
  if (failedOpen.value === 0) return [ok('the API server that answered never went on without it')]
  const csrs = failedOpen.value === 1 ? '1 CSR' : `${failedOpen.value} CSRs`
  const evidence = `the API server that answered admitted ${csrs} without it since its start`
  return [found('FailedOpen', evidence)]
}
