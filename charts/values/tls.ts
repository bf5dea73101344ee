import { flag, group, hours, OBJECT_NAME, oneOf, text } from './kinds.ts'

const certManager = group('With `tls.mode: certManager`, which needs cert-manager 1.19 or newer.', {
  createIssuer: flag(
    'Whether the chart makes a CA and an Issuer of its own, so that a renewed certificate is by the same CA.',
    true,
  ),
  issuerRef: group("An issuer of yours, in place of the chart's.", {
    name: text(
      'Its name; it must put its CA into `ca.crt` of the Secret, as ACME does not.',
      '',
      OBJECT_NAME,
    ),
    kind: text('Its kind: `Issuer` in the release namespace, or `ClusterIssuer`.', 'Issuer', {
      minLength: 1,
    }),
    group: text("Its API group, another for an external issuer's.", 'cert-manager.io', { minLength: 1 }),
  }),
  duration: hours('How long a certificate is valid. The CA of the chart is for ten years.', '8760h'),
  renewBefore: hours(
    'How long before its end it is renewed. Pods see a new one a minute or two later.',
    '720h',
  ),
  algorithm: oneOf('Kind of its key: `ECDSA` (P-256) or `RSA` (2048 bits).', ['ECDSA', 'RSA']),
})

export const tls = group("The webhook's serving certificate.", {
  mode: oneOf(
    'Where it comes from: `selfSigned` (the pods make and rotate a CA and certificate of their own), `certManager` or `existingSecret`.',
    ['selfSigned', 'certManager', 'existingSecret'],
  ),
  certManager,
  existingSecret: group('With `tls.mode: existingSecret`.', {
    name: text(
      'Secret of type kubernetes.io/tls in the release namespace; a renewed one is taken up without a restart.',
      '',
      OBJECT_NAME,
    ),
  }),
})
