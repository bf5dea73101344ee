/** The resources that the embedded API server has, with the fields that it keeps of each. */

/** The type of a JSON value. `any`: kept as it comes. `texts`: an object of strings. `[type]`: a list. */
export type Shape =
  | 'string'
  | 'integer'
  | 'boolean'
  | 'any'
  | 'texts'
  | readonly [Shape]
  | { readonly [field: string]: Shape }

export type Subresource = 'status' | 'approval'

export interface Resource {
  readonly group: string
  readonly version: string
  readonly plural: string
  readonly kind: string
  readonly namespaced: boolean
  readonly subresources: readonly Subresource[]
  /** Besides apiVersion, kind and metadata. */
  readonly fields: { readonly [field: string]: Shape }
  /** Fields of `fieldSelector` besides the metadata's. */
  readonly selectable?: readonly string[]
  /** Whether an update may leave out the resourceVersion. Default true. */
  readonly unconditionalUpdate?: boolean
}

const condition = {
  type: 'string',
  status: 'string',
  reason: 'string',
  message: 'string',
  lastUpdateTime: 'string',
  lastTransitionTime: 'string',
  lastHeartbeatTime: 'string',
  observedGeneration: 'integer',
} as const

export const METADATA: Shape = {
  name: 'string',
  generateName: 'string',
  namespace: 'string',
  selfLink: 'string',
  uid: 'string',
  resourceVersion: 'string',
  generation: 'integer',
  creationTimestamp: 'string',
  deletionTimestamp: 'string',
  deletionGracePeriodSeconds: 'integer',
  labels: 'texts',
  annotations: 'texts',
  ownerReferences: [
    {
      apiVersion: 'string',
      kind: 'string',
      name: 'string',
      uid: 'string',
      controller: 'boolean',
      blockOwnerDeletion: 'boolean',
    },
  ],
  finalizers: ['string'],
  managedFields: 'any',
}

export const CSR: Resource = {
  group: 'certificates.k8s.io',
  version: 'v1',
  plural: 'certificatesigningrequests',
  kind: 'CertificateSigningRequest',
  namespaced: false,
  subresources: ['status', 'approval'],
  selectable: ['spec.signerName'],
  fields: {
    spec: {
      request: 'string',
      signerName: 'string',
      expirationSeconds: 'integer',
      usages: ['string'],
      username: 'string',
      uid: 'string',
      groups: ['string'],
      extra: 'any',
    },
    status: { conditions: [condition], certificate: 'string' },
  },
}

export const NODE: Resource = {
  group: '',
  version: 'v1',
  plural: 'nodes',
  kind: 'Node',
  namespaced: false,
  subresources: ['status'],
  selectable: ['spec.unschedulable'],
  fields: {
    spec: {
      podCIDR: 'string',
      podCIDRs: ['string'],
      providerID: 'string',
      unschedulable: 'boolean',
      taints: [{ key: 'string', value: 'string', effect: 'string', timeAdded: 'string' }],
      configSource: 'any',
      externalID: 'string',
    },
    status: {
      capacity: 'any',
      allocatable: 'any',
      phase: 'string',
      conditions: [condition],
      addresses: [{ type: 'string', address: 'string' }],
      daemonEndpoints: { kubeletEndpoint: { Port: 'integer' } },
      nodeInfo: 'any',
      images: [{ names: ['string'], sizeBytes: 'integer' }],
      volumesInUse: ['string'],
      volumesAttached: 'any',
      config: 'any',
      runtimeHandlers: 'any',
      features: 'any',
      declaredFeatures: ['string'],
    },
  },
}

export const NAMESPACE: Resource = {
  group: '',
  version: 'v1',
  plural: 'namespaces',
  kind: 'Namespace',
  namespaced: false,
  subresources: [],
  fields: { spec: { finalizers: ['string'] }, status: { phase: 'string', conditions: [condition] } },
}

export const CONFIG_MAP: Resource = {
  group: '',
  version: 'v1',
  plural: 'configmaps',
  kind: 'ConfigMap',
  namespaced: true,
  subresources: [],
  fields: { data: 'texts', binaryData: 'texts', immutable: 'boolean' },
}

export const SECRET: Resource = {
  group: '',
  version: 'v1',
  plural: 'secrets',
  kind: 'Secret',
  namespaced: true,
  subresources: [],
  selectable: ['type'],
  fields: { type: 'string', data: 'texts', stringData: 'texts', immutable: 'boolean' },
}

export const SERVICE: Resource = {
  group: '',
  version: 'v1',
  plural: 'services',
  kind: 'Service',
  namespaced: true,
  subresources: ['status'],
  fields: { spec: 'any', status: 'any' },
}

export const SERVICE_CIDR: Resource = {
  group: 'networking.k8s.io',
  version: 'v1',
  plural: 'servicecidrs',
  kind: 'ServiceCIDR',
  namespaced: false,
  subresources: ['status'],
  fields: { spec: { cidrs: ['string'] }, status: { conditions: [condition] } },
}

export const LEASE: Resource = {
  group: 'coordination.k8s.io',
  version: 'v1',
  plural: 'leases',
  kind: 'Lease',
  namespaced: true,
  subresources: [],
  unconditionalUpdate: false,
  fields: {
    spec: {
      holderIdentity: 'string',
      leaseDurationSeconds: 'integer',
      acquireTime: 'string',
      renewTime: 'string',
      leaseTransitions: 'integer',
      preferredHolder: 'string',
      strategy: 'string',
    },
  },
}

export const EVENT: Resource = {
  group: 'events.k8s.io',
  version: 'v1',
  plural: 'events',
  kind: 'Event',
  namespaced: true,
  subresources: [],
  fields: {
    eventTime: 'string',
    series: 'any',
    reportingController: 'string',
    reportingInstance: 'string',
    action: 'string',
    reason: 'string',
    regarding: 'any',
    related: 'any',
    note: 'string',
    type: 'string',
  },
}

export const ENDPOINT_SLICE: Resource = {
  group: 'discovery.k8s.io',
  version: 'v1',
  plural: 'endpointslices',
  kind: 'EndpointSlice',
  namespaced: true,
  subresources: [],
  fields: { addressType: 'string', endpoints: 'any', ports: 'any' },
}

export const WEBHOOKS: Resource = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  plural: 'validatingwebhookconfigurations',
  kind: 'ValidatingWebhookConfiguration',
  namespaced: false,
  subresources: [],
  fields: {
    webhooks: [
      {
        name: 'string',
        clientConfig: { url: 'string', service: 'any', caBundle: 'string' },
        rules: [
          {
            operations: ['string'],
            apiGroups: ['string'],
            apiVersions: ['string'],
            resources: ['string'],
            scope: 'string',
          },
        ],
        failurePolicy: 'string',
        matchPolicy: 'string',
        namespaceSelector: 'any',
        objectSelector: 'any',
        sideEffects: 'string',
        timeoutSeconds: 'integer',
        admissionReviewVersions: ['string'],
        matchConditions: [{ name: 'string', expression: 'string' }],
      },
    ],
  },
}

export const RESOURCES: readonly Resource[] = [
  CSR,
  NODE,
  NAMESPACE,
  CONFIG_MAP,
  SECRET,
  SERVICE,
  SERVICE_CIDR,
  LEASE,
  EVENT,
  ENDPOINT_SLICE,
  WEBHOOKS,
]

export function apiVersionOf({ group, version }: Resource): string {
  return group === '' ? version : `${group}/${version}`
}
