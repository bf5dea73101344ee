import { defineCheck, fail, pass } from '../check.ts'
import { addressSans } from '../request.ts'

export const addressIsPresent = defineCheck({
  code: 'AddressMissing',
  stage: 'request',
  failure: 'notYet',
  requires: 'The request has at least one address (`requireAddress`).',
  because:
    'By default the API server connects to kubelets by address, and a kubelet since 1.31 asks only when it has one.',
  source: 'kubernetes pkg/kubelet/certificate/kubelet.go, newGetTemplateFn',
  run: ({ request }, { settings }) =>
    !settings.requireAddress || addressSans(request).length > 0
      ? pass
      : fail("the request has no address. Check the kubelet's --node-ip and the cloud provider"),
})
