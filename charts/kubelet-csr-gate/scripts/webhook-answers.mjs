// Checks that API servers reach the webhook: creates, as a dry run, a CSR that the webhook must refuse. Without the webhook,
// Kubernetes accepts it. Its private key was not kept.
const request = [
  'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlIZk1JR0hBZ0VBTUNVeEl6QWhCZ05WQkFNTUdtdDFZbVZzWlhR',
  'dFkzTnlMV2RoZEdVZ2FHVnNiU0IwWlhOMApNRmt3RXdZSEtvWkl6ajBDQVFZSUtvWkl6ajBEQVFjRFFnQUVjbnhrMVFzUXc0Zm1w',
  'ZVBmU1NaRndyQjhVK1ZBClRaREdVVE1Vd1J1UXI1Y2VvMEgxcjFGdXFnNGZJL3FvQ1g2QXkrc0toZE41dHFrTzBKTHJHYmNtZGFB',
  'QU1Bb0cKQ0NxR1NNNDlCQU1DQTBjQU1FUUNJRTVyU3l6VWs3R0V0MW5IWWxJUTFwKzZBSFJ5RmpmN2NYVEZNKzlvbVJKawpBaUJS',
  'cjd4V2ZtckdUU0YvajBnU1pSZUtaQnliRkZMTjZPRlBJUG1mU0ZUQjhBPT0KLS0tLS1FTkQgQ0VSVElGSUNBVEUgUkVRVUVTVC0t',
  'LS0tCg==',
].join('')

const { status, headers, body } = await ask(
  'POST',
  '/apis/certificates.k8s.io/v1/certificatesigningrequests?dryRun=All',
  {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { generateName: 'kubelet-csr-gate-test-' },
    spec: {
      request,
      signerName: 'kubernetes.io/kubelet-serving',
      usages: ['digital signature', 'server auth'],
    },
  },
)
const warning = headers.get('warning') ?? ''
if (status === 403 && /webhook "webhook\.kubelet-csr-gate\.io" denied/.test(body.message))
  end(true, `the webhook answers: ${body.message}`)
else if (status === 201 && warning.includes('kubelet-csr-gate: allowed in mode'))
  end(true, `the webhook answers, and this mode refuses nothing: ${warning}`)
else if (status === 201) end(false, 'the webhook was not called, or did not answer: the CSR was admitted')
else end(false, `the API server answers ${status}: ${body.message}`)
