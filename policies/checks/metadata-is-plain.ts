import { defineCheck, fail, pass } from '../check.ts'

export const metadataIsPlain = defineCheck({
  code: 'MetadataHasExtras',
  field: 'metadata',
  stage: 'request',
  failure: 'violation',
  requires: 'The object has no finalizers and no ownerReferences.',
  because: 'A finalizer keeps a CSR after the cluster has cleaned up. A kubelet sets neither.',
  source: 'kubernetes pkg/controller/certificates/cleaner/cleaner.go',
  run: ({ csr }) => {
    if (csr.finalizers > 0) return fail(`the CSR has finalizers (${csr.finalizers}). A kubelet sets none`)
    return csr.ownerReferences > 0
      ? fail(`the CSR has ownerReferences (${csr.ownerReferences}). A kubelet sets none`)
      : pass
  },
})
