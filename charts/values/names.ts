import { Type } from 'typebox'
import { group, kubernetesList, OBJECT_NAME, oneOf, strings, text } from './kinds.ts'

/** Names, namespace, labels and annotations of the objects. */
export const names = {
  nameOverride: text(
    'Replaces the chart name in object names and in the label `app.kubernetes.io/name`, by which runbooks find objects.',
    '',
    OBJECT_NAME,
  ),
  fullnameOverride: text('Replaces the full object name.', '', OBJECT_NAME),
  namespaceOverride: text(
    'Namespace of the objects. Default: the namespace of the release. An umbrella chart can put its parts into several namespaces.',
    '',
    OBJECT_NAME,
  ),
  commonLabels: strings(
    'Labels added to every object and to the pods. The labels that select pods (`app.kubernetes.io/name`, `/instance`, `/component`) cannot be set.',
  ),
  commonAnnotations: strings('Annotations added to every object, but not to the pods: see `podAnnotations`.'),
}

/** Where the image comes from. */
export const image = group('Container image.', {
  registry: text(
    'Registry, such as `registry.example.com/team`. It has to be set, here or in `global.imageRegistry`.',
  ),
  repository: text('Repository of the image.', 'kubelet-csr-gate', { minLength: 1 }),
  tag: text("Tag. Default: the chart's appVersion. Quote it: unquoted, 1.10 is the number 1.1."),
  digest: text('Digest (`sha256:…`). Takes precedence over the tag.', '', {
    pattern: '^$|^sha256:[0-9a-f]{64}$',
  }),
  pullPolicy: oneOf(
    'Image pull policy. `Never`, without a registry, is for images that were imported on the nodes.',
    ['IfNotPresent', 'Always', 'Never'],
  ),
})

export const imagePullSecrets = kubernetesList(
  'Image pull secrets: `[{name: …}]`, in addition to `global.imagePullSecrets`.',
)

const secretName = Type.String({ minLength: 1 })

/** Helm adds values of the umbrella chart to it, whatever they are: it stays open. */
export const globalValues = Type.Object(
  {
    imageRegistry: text('Registry host for the images of all charts. It replaces `image.registry`.'),
    imagePullSecrets: Type.Array(Type.Union([secretName, Type.Object({ name: secretName })]), {
      description: 'Image pull secrets of all charts: names, or `[{name: …}]`.',
      default: [],
    }),
  },
  { description: 'Values that an umbrella chart shares with all its charts.', additionalProperties: true },
)
