import assert from 'node:assert/strict'
import { test } from 'node:test'
import { template } from './helm.ts'

/** Values that someone may set by mistake, and the message of the refusal, which names the value. */
const mistakes: readonly (readonly [object, RegExp])[] = [
  // refused by the schema
  [{ replicaCount: 3 }, /additional properties 'replicaCount' not allowed/],
  [{ policy: { clusterdomain: 'x' } }, /at '\/policy': additional properties 'clusterdomain' not allowed/],
  [
    { webhook: { failurepolicy: 'Fail' } },
    /at '\/webhook': additional properties 'failurepolicy' not allowed/,
  ],
  [{ webhook: { replicas: '2' } }, /at '\/webhook\/replicas': got string, want integer/],
  [{ controller: { replicas: 0 } }, /at '\/controller\/replicas': minimum: got 0, want 1/],
  [{ profile: 'daemonset' }, /at '\/profile': value must be one of 'cluster', 'controlPlane', 'hostNetwork'/],
  [{ networkPolicy: { apiServers: ['192.0.2.1'] } }, /at '\/networkPolicy\/apiServers\/0': .*does not match/],
  [{ image: { tag: 1.1 } }, /at '\/image\/tag': got number, want string/],
  [{ image: { digest: 'sha256:abc' } }, /at '\/image\/digest': .*does not match pattern/],
  [{ metrics: { kubeletJob: 'a"b' } }, /at '\/metrics\/kubeletJob': .*does not match pattern/],
  [{ hostNetwork: true }, /additional properties 'hostNetwork' not allowed/],
  [
    { webhook: { failurePolicy: 'ignore' } },
    /at '\/webhook\/failurePolicy': value must be one of 'Ignore', 'Fail'/,
  ],
  [
    { guard: { enabled: true }, webhook: { enabled: false } },
    /guard\.enabled requires webhook\.enabled: the pods of the webhook answer for it/,
  ],
  [
    { bootstrapGuard: { enabled: true }, webhook: { enabled: false } },
    /bootstrapGuard\.enabled requires webhook\.enabled/,
  ],
  [
    { guard: { breakGlassGroups: ['oncall'] } },
    /guard\.breakGlassGroups has no effect without guard\.enabled/,
  ],
  [
    { policy: { pools: [{ name: 'Metal', nodes: ['metal-.*'] }] } },
    /at '\/policy\/pools\/0\/name': .*does not match pattern/,
  ],
  [{ policy: { pools: [{ name: 'metal' }] } }, /at '\/policy\/pools\/0': missing property 'nodes'/],
  [{ policy: { sources: ['ldap'] } }, /at '\/policy\/sources\/0': value must be one of/],
  [
    { policy: { pools: [{ name: 'metal', nodes: ['metal-.*'], sources: ['inventory'] }] } },
    /the policy has the source inventory, which is not configured: set sources\.inventory/,
  ],
  [
    { sources: { clusterApi: { cluster: 'prod' } } },
    /sources\.clusterApi\.namespace and sources\.clusterApi\.cluster belong together: set both or none/,
  ],
  [
    { sources: { clusterApi: { namespace: 'capi', cluster: 'prod', openshiftNamespace: 'machines' } } },
    /sources\.clusterApi\.cluster and sources\.clusterApi\.openshiftNamespace are both set/,
  ],
  [
    { sources: { clusterApi: { kubeconfigSecret: 'management' } } },
    /sources\.clusterApi\.kubeconfigSecret has no effect/,
  ],
  [{ sources: { dns: { servers: ['192.0.2.53'] } } }, /sources\.dns\.servers has no effect/],
  [{ webhook: { timeoutSeconds: 31 } }, /at '\/webhook\/timeoutSeconds': maximum: got 31, want 30/],
  [{ webhook: { url: 'http://127.0.0.1:9443/validate' } }, /at '\/webhook\/url': .*does not match pattern/],
  [
    { tls: { mode: 'selfsigned' } },
    /at '\/tls\/mode': value must be one of 'selfSigned', 'certManager', 'existingSecret'/,
  ],
  [
    { policy: { mode: 'dry-run' } },
    /at '\/policy\/mode': value must be one of 'enforce', 'dryRun', 'approveOnly'/,
  ],
  [
    { policy: { keys: { rsaMinBits: 1024 } } },
    /at '\/policy\/keys\/rsaMinBits': minimum: got 1,?024, want 2,?048/,
  ],
  [
    { policy: { credential: { refused: ['AB:CD'] } } },
    /at '\/policy\/credential\/refused\/0': 'AB:CD' does not match pattern/,
  ],
  [{ policy: { keys: { allowed: ['DSA'] } } }, /at '\/policy\/keys\/allowed\/0': value must be one of/],
  [{ metrics: { port: 70_000 } }, /at '\/metrics\/port': maximum: got 70,?000, want 65,?535/],
  [{ tolerations: { key: 'x' } }, /at '\/tolerations': got object, want array or null|want null or array/],
  [{ livenessProbe: { httpGet: {} } }, /at '\/livenessProbe': additional properties 'httpGet' not allowed/],
  [
    { webhook: { service: { ipFamilies: ['IPv5'] } } },
    /at '\/webhook\/service\/ipFamilies\/0': value must be one of 'IPv4', 'IPv6'/,
  ],
  [
    { metrics: { prometheusRule: { runbookUrl: 'docs/runbooks.md#' } } },
    /at '\/metrics\/prometheusRule\/runbookUrl': .*does not match pattern/,
  ],
  // combinations, refused by templates/validate.yaml
  [
    { commonLabels: { 'app.kubernetes.io/name': 'mine' } },
    /commonLabels has the label app\.kubernetes\.io\/name, which selects the pods: it cannot be changed/,
  ],
  [
    { podLabels: { 'app.kubernetes.io/component': 'mine' } },
    /podLabels has the label app\.kubernetes\.io\/component, which selects the pods/,
  ],
  [
    { webhook: { podLabels: { 'app.kubernetes.io/name': 'mine' } } },
    /webhook\.podLabels has the label app\.kubernetes\.io\/name, which selects the pods/,
  ],
  [{ dnsPolicy: 'None' }, /dnsPolicy None requires dnsConfig: Kubernetes refuses pods without a name server/],
  [
    { webhook: { enabled: false }, controller: { enabled: false } },
    /webhook\.enabled and controller\.enabled are both false: enable at least one/,
  ],
  [
    { profile: 'hostNetwork', webhook: { port: 10_250 } },
    /webhook\.port 10250 is used by the kubelet with profile hostNetwork: set webhook\.port to another/,
  ],
  [{ webhook: { port: 8080 } }, /webhook\.port and metrics\.port are both 8080/],
  [
    { tls: { mode: 'existingSecret' } },
    /tls\.existingSecret\.name is empty: set it to the Secret with tls\.crt and tls\.key/,
  ],
  [
    { tls: { mode: 'existingSecret', existingSecret: { name: 'x' } } },
    /webhook\.caBundle is empty with tls\.mode existingSecret: API servers could not verify the webhook/,
  ],
  [
    { webhook: { caBundle: '-----BEGIN CERTIFICATE-----' } },
    /webhook\.caBundle is set with tls\.mode selfSigned/,
  ],
  [
    { tls: { existingSecret: { name: 'x' } } },
    /tls\.existingSecret\.name is set, but tls\.mode is selfSigned/,
  ],
  [
    { tls: { mode: 'certManager' }, webhook: { caBundle: '-----BEGIN CERTIFICATE-----' } },
    /webhook\.caBundle is set with tls\.mode certManager: cert-manager injects it/,
  ],
  [
    { tls: { mode: 'certManager', existingSecret: { name: 'x' } } },
    /tls\.existingSecret\.name is set, but tls\.mode is certManager/,
  ],
  [
    { tls: { certManager: { createIssuer: false, issuerRef: { name: 'x' } } } },
    /tls\.certManager\.issuerRef\.name is set, but tls\.mode is selfSigned/,
  ],
  [
    { tls: { mode: 'certManager', certManager: { issuerRef: { name: 'x' } } } },
    /tls\.certManager\.issuerRef\.name is set with tls\.certManager\.createIssuer/,
  ],
  [
    { tls: { mode: 'certManager', certManager: { createIssuer: false } } },
    /tls\.certManager\.createIssuer is false, but tls\.certManager\.issuerRef\.name is empty/,
  ],
  [
    { tls: { certManager: { duration: '720h' } } },
    /tls\.certManager\.renewBefore 720h is not less than tls\.certManager\.duration 720h/,
  ],
  [
    { tls: { certManager: { duration: '29201h' } } },
    /tls\.certManager\.duration 29201h is longer than 29200h, the remaining lifetime of the chart's CA/,
  ],
  [
    { tls: { certManager: { duration: '1d' } } },
    /at '\/tls\/certManager\/duration': .*does not match pattern/,
  ],
  [
    { webhook: { cleanupHook: { enabled: true } } },
    /webhook\.cleanupHook\.enabled requires webhook\.enabled and webhook\.failurePolicy Fail/,
  ],
  [
    { profile: 'hostNetwork', networkPolicy: { enabled: true } },
    /networkPolicy\.enabled has no effect with profile hostNetwork/,
  ],
  [
    { metrics: { serviceMonitor: { enabled: true }, podMonitor: { enabled: true } } },
    /metrics\.serviceMonitor\.enabled and metrics\.podMonitor\.enabled are both true/,
  ],
  [
    { profile: 'controlPlane', metrics: { podMonitor: { enabled: true } } },
    /metrics\.serviceMonitor and metrics\.podMonitor cannot scrape pods with profile controlPlane/,
  ],
  [
    { metrics: { podMonitor: { interval: '30' } } },
    /at '\/metrics\/podMonitor\/interval': .*does not match pattern/,
  ],
  [{ extraObjects: [1] }, /at '\/extraObjects\/0': got number, want string or object/],
  [
    { webhook: { url: 'https://127.0.0.1:10250/validate' } },
    /webhook\.url https:\/\/127\.0\.0\.1:10250\/validate is a loopback address: set profile to controlPlane/,
  ],
  [
    { profile: 'controlPlane', webhook: { url: 'https://192.0.2.1:9443/validate' } },
    /webhook\.url has no effect with profile controlPlane/,
  ],
  [
    { profile: 'controlPlane', webhook: { failurePolicy: 'Fail' } },
    /webhook\.failurePolicy is Fail with profile controlPlane: each API server can call only/,
  ],
  [
    { profile: 'hostNetwork', controller: { resources: {} } },
    /controller\.resources has no effect with profile hostNetwork.*: set webhook\.resources, or resources/,
  ],
  [
    { podDisruptionBudget: { minAvailable: 1 } },
    /podDisruptionBudget\.maxUnavailable and podDisruptionBudget\.minAvailable are both set/,
  ],
  [
    { podDisruptionBudget: { maxUnavailable: null } },
    /podDisruptionBudget\.maxUnavailable and podDisruptionBudget\.minAvailable are both null/,
  ],
  [
    { controller: { serviceAccount: { create: false } } },
    /controller\.serviceAccount\.create is false, but controller\.serviceAccount\.name is empty/,
  ],
  [
    { webhook: { serviceAccount: { name: 'one' } }, controller: { serviceAccount: { name: 'one' } } },
    /webhook\.serviceAccount and controller\.serviceAccount are both one/,
  ],
  [
    { image: { registry: '' } },
    /the image kubelet-csr-gate:.* has no registry, so it would be pulled from docker\.io: set image\.registry/,
  ],
  [
    { image: { registry: 'owner' } },
    /the image owner\/kubelet-csr-gate:.* has no registry, so it would be pulled from docker\.io/,
  ],
  [
    { image: { registry: 'ghcr.io/OWNER' } },
    /the image ghcr\.io\/OWNER\/kubelet-csr-gate:.* has a placeholder in capitals/,
  ],
  [
    { drainSeconds: 19 },
    /terminationGracePeriodSeconds 30 is less than drainSeconds 19 and 12 more, in which the process stops/,
  ],
]

for (const [values, words] of mistakes)
  test(`refused with a message that names the value: ${JSON.stringify(values)}`, async () => {
    const { ok, output } = await template(values)
    assert.equal(ok, false)
    assert.match(output, words)
  })
