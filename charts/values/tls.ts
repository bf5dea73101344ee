import { flag, group, hours, OBJECT_NAME, oneOf, text } from './kinds.ts'

const certManager = group('Settings for `tls.mode: certManager`. Requires cert-manager 1.19 or newer.', {
  createIssuer: flag('Create a CA and an Issuer. Renewed certificates are then signed by the same CA.', true),
  issuerRef: group('Your own issuer, when `createIssuer` is false.', {
    name: text(
      'Name of the issuer. It must write its CA to `ca.crt` of the Secret; ACME issuers do not.',
      '',
      OBJECT_NAME,
    ),
    kind: text('Kind of the issuer: `Issuer` (in the release namespace) or `ClusterIssuer`.', 'Issuer', {
      minLength: 1,
    }),
    group: text('API group of the issuer. External issuers have their own.', 'cert-manager.io', {
      minLength: 1,
    }),
  }),
  duration: hours('Lifetime of the certificate. The CA of the chart is valid for ten years.', '8760h'),
  renewBefore: hours(
    'Time before expiry at which the certificate is renewed. Pods load the new one within two minutes.',
    '720h',
  ),
  algorithm: oneOf('Key algorithm: `ECDSA` (P-256) or `RSA` (2048 bits).', ['ECDSA', 'RSA']),
})

export const tls = group("The webhook's serving certificate.", {
  mode: oneOf(
    'Source of the certificate: `selfSigned` (the controller makes it), `certManager` or `existingSecret`.',
    ['selfSigned', 'certManager', 'existingSecret'],
  ),
  certManager,
  existingSecret: group('Settings for `tls.mode: existingSecret`.', {
    name: text(
      'Name of a Secret of type kubernetes.io/tls in the release namespace. A renewed certificate is loaded without a restart.',
      '',
      OBJECT_NAME,
    ),
  }),
})
