import { defineCheck, fail, pass } from '../check.ts'
import { NODES_GROUP } from '../node-name.ts'
import { organizations } from '../request.ts'
import { listed } from '../text.ts'

export const organizationIsSystemNodes = defineCheck({
  code: 'OrganizationNotSystemNodes',
  stage: 'request',
  failure: 'violation',
  requires: 'The subject has exactly one organization: `system:nodes`.',
  because: 'The API server reads an organization as a group, and the signer fails any other CSR.',
  source: 'kubernetes pkg/apis/certificates/helpers.go, ValidateKubeletServingCSR',
  run: ({ request }) => {
    const names = organizations(request)
    return names.length === 1 && names[0] === NODES_GROUP
      ? pass
      : fail(`the organization is ${listed(names)}. There must be exactly one: ${NODES_GROUP}`)
  },
})
