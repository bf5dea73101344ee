import { bothComponents, defineCheck, fail, pass } from '../check.ts'
import { addressSans } from '../request.ts'

export const addressIsPresent = defineCheck({
  code: 'AddressMissing',
  stage: 'request',
  failure: 'notYet',
  components: bothComponents,
  requires: 'There is at least one address (`requireAddress`).',
  because: 'The API server dials addresses by default, and a kubelet since 1.31 waits until it has one.',
  source: 'kubernetes pkg/kubelet/certificate/kubelet.go, newGetTemplateFn',
  run: ({ request }, { settings }) =>
    !settings.requireAddress || addressSans(request).length > 0
      ? pass
      : fail("the request has no address. Check the kubelet's --node-ip and the cloud provider"),
})
