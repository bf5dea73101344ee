import { defineCheck, type Kind, type Outcome } from '../check.ts'
import type { Workload } from '../facts.ts'
import { found, ifKnown, orOk, severityOfWait } from './outcomes.ts'
import { scaleUp } from '../steps.ts'

const OURS = /(?:^|\/)kubelet-csr-gate(?:[:@]|$)/u

/** Other approvers by their images; `checksNames`: false if they approve whatever names and addresses a node asks for. */
const others: readonly { readonly image: RegExp; readonly project: string; readonly checksNames: boolean }[] =
  [
    {
      image: /kubelet-serving-cert-approver/u,
      project: 'alex1989hu/kubelet-serving-cert-approver',
      checksNames: false,
    },
    { image: /kubelet-rubber-stamp/u, project: 'kontena/kubelet-rubber-stamp', checksNames: false },
    { image: /kapprover/u, project: 'kapprover', checksNames: false },
    { image: /kubelet-serving-csr-approver/u, project: 'kubelet-serving-csr-approver', checksNames: true },
    {
      image: /kubelet-serving-approver/u,
      project: 'karelvanhecke/kubelet-serving-approver',
      checksNames: true,
    },
    { image: /kubelet-csr-approver/u, project: 'postfinance/kubelet-csr-approver', checksNames: true },
    { image: /machine-approver/u, project: 'openshift/cluster-machine-approver', checksNames: true },
    {
      image: /talos-cloud-controller-manager/u,
      project: 'siderolabs/talos-cloud-controller-manager',
      checksNames: true,
    },
    { image: /csr-approver/u, project: 'another csr-approver', checksNames: true },
  ]

type Code = 'ApproverChecksNoNames' | 'OtherApproverBeside' | 'OtherApprover' | 'ApproverNotReady'

const DELETE = [
  { about: 'Once another approver runs', run: 'kubectl --namespace NAMESPACE delete KIND NAME' },
]
const DESCRIBE = [
  { about: 'See what it is, and its state', run: 'kubectl --namespace NAMESPACE describe KIND NAME' },
]

export const approverIsAlone = defineCheck<Code>({
  id: 'ApproverIsAlone',
  subject: 'Approvers',
  asks: 'Deployments and DaemonSets of known approvers, by their images.',
  kinds: {
    ApproverChecksNoNames: {
      severity: 'warning',
      means:
        'This approver approves every name and address that a node asks for, even those of other nodes and of the API server.',
      fix: DELETE,
    },
    OtherApproverBeside: {
      severity: 'warning',
      means: 'Two approvers run. A CSR is approved if either approves it, so the less strict one decides.',
      fix: DELETE,
    },
    ApproverNotReady: {
      severity: 'warning',
      means:
        'An approver is installed, but none of its pods is ready, so nobody approves. Critical where the API server verifies kubelets and one of them waits for its first certificate.',
      fix: [
        ...DESCRIBE,
        { about: 'If it was scaled to 0. Otherwise this changes nothing', run: scaleUp('KIND NAME', 1) },
      ],
    },
    OtherApprover: {
      severity: 'info',
      means: 'Another approver is installed. doctor does not know what it checks.',
      fix: DESCRIBE,
    },
  },
  run: (facts) =>
    ifKnown(facts.workloads, (known) => {
      const beside = known.some(isOurs)
      const approvers = known.filter(isApprover)
      const severity = approvers.some(({ ready }) => ready > 0) ? 'warning' : severityOfWait(facts)
      return orOk(
        approvers.flatMap((approver) => outcomesOf(approver, beside, severity)),
        beside ? 'kubelet-csr-gate is the only known approver' : 'no known approver is installed',
      )
    }),
})

/** Whether a workload is an approver, ours or another. */
export function isApprover(workload: Workload): boolean {
  return isOurs(workload) || others.some(({ image }) => workload.images.some((own) => image.test(own)))
}

/** Ours, with the controller: pods that only serve the webhook approve nothing. */
export function isOurs(workload: Workload): boolean {
  return isOfGate(workload) && !workload.args.includes('--component=webhook')
}

/** Whether a workload runs our image, whatever part of it. */
export function isOfGate({ images }: Workload): boolean {
  return images.some((image) => OURS.test(image))
}

function outcomesOf(workload: Workload, beside: boolean, unready: Kind['severity']): Outcome<Code>[] {
  const { kind, namespace, name, images, ready } = workload
  const about = {
    subject: `${kind} ${namespace}/${name}`,
    names: { NAMESPACE: namespace, NAME: name, KIND: kind.toLowerCase() },
  }
  const other = others.find(({ image }) => images.some((own) => image.test(own)))
  const outcomes: Outcome<Code>[] = []
  if (other !== undefined)
    outcomes.push(found(idOf(other.checksNames, beside), `its image is of ${other.project}`, about))
  if (ready === 0)
    outcomes.push(found('ApproverNotReady', 'none of its pods is ready', { severity: unready, ...about }))
  return outcomes
}

function idOf(checksNames: boolean, beside: boolean): Code {
  if (!checksNames) return 'ApproverChecksNoNames'
  return beside ? 'OtherApproverBeside' : 'OtherApprover'
}
