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

const create = (annotations) =>
  ask('POST', '/apis/certificates.k8s.io/v1/certificatesigningrequests?dryRun=All', {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { generateName: 'kubelet-csr-gate-test-', annotations },
    spec: {
      request,
      signerName: 'kubernetes.io/kubelet-serving',
      usages: ['digital signature', 'server auth'],
    },
  })
/** What shows that the webhook answered; null if nothing does. */
const answered = ({ status, headers, body }) => {
  const warning = headers.get('warning') ?? ''
  if (/webhook "webhook\.kubelet-csr-gate\.io" denied/.test(body.message ?? ''))
    return `the webhook answers: ${body.message}`
  return status === 201 && warning.includes('kubelet-csr-gate: allowed in mode')
    ? `the webhook answers, and this mode refuses nothing: ${warning}`
    : null
}

const first = await create({})
if (answered(first) !== null) end(true, answered(first))
else if (first.status !== 201) end(false, `the API server answers ${first.status}: ${first.body.message}`)
else {
  // With foreignRequesters: ignore, the webhook leaves this requester alone. It reads no more than 2,048 elements of anybody.
  const large = await create(
    Object.fromEntries(Array.from({ length: 2100 }, (_, index) => [`a${index}`, ''])),
  )
  const said = answered(large)
  end(said !== null, said ?? 'the webhook was not called, or did not answer: the CSR was admitted')
}
