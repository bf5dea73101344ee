import { X509Certificate } from 'node:crypto'
import type { Known } from '../../../policies/types.ts'
import { decodedOf, objectAt, textAt } from '../../../server/json.ts'
import type { JsonObject } from '../../../server/ports.ts'
import { certificatesIn } from '../../../server/certificate-pem.ts'
import type { Session } from '../../cluster/session.ts'
import { type GateWebhook, WEBHOOK } from '../facts.ts'
import { isIssuer } from '../issuer.ts'
import { dryRunCsr } from './dry-run-csr.ts'
import { readFailedOpen } from './failed-open.ts'
import { itemsOf, readAll, readObject } from './read.ts'

const PEM_MAX_CHARACTERS = 1024 * 1024

type Configured = Pick<GateWebhook, 'configuration' | 'failurePolicy' | 'namespace' | 'service'> & {
  readonly bundle: string
}

/** Reads whether our webhook is registered, and whether API servers reach it. */
export async function readWebhook(session: Session): Promise<Known<GateWebhook | null>> {
  const read = await readAll(session, {
    title: 'ValidatingWebhookConfigurations',
    path: '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations',
    select: webhookOf,
  })
  if (!read.known) return read
  const [found] = read.value
  if (found === undefined) return { known: true, value: null }
  const { bundle: _, ...configured } = found
  const [dryRun, served, failedOpen] = await Promise.all([
    dryRunCsr(session),
    readVerifies(session, found),
    readFailedOpen(session, WEBHOOK),
  ])
  return {
    known: true,
    value: { ...configured, dryRun, failedOpen, ...served },
  }
}

function webhookOf(object: JsonObject): Configured | undefined {
  const webhook = itemsOf(object, 'webhooks').find(({ name }) => name === WEBHOOK)
  if (webhook === undefined) return undefined
  const client = objectAt(webhook, 'clientConfig')
  return {
    configuration: textAt(objectAt(object, 'metadata'), 'name'),
    failurePolicy: textAt(webhook, 'failurePolicy'),
    namespace: textAt(objectAt(client, 'service'), 'namespace'),
    service: textAt(objectAt(client, 'service'), 'name'),
    bundle: decodedOf(client, 'caBundle', PEM_MAX_CHARACTERS),
  }
}

/** The Secrets that the chart makes: of tls.mode selfSigned, and of certManager. */
const SECRET_ENDINGS = ['-tls', '-serving']

async function readVerifies(
  session: Session,
  { configuration, namespace, bundle }: Configured,
): Promise<Pick<GateWebhook, 'secret' | 'bundleVerifies'>> {
  const unseen = (because: string, secret = `${configuration}-tls`) => ({
    secret,
    bundleVerifies: { known: false, because } as const,
  })
  if (namespace === '') return unseen('the webhook is called by URL, and its Secret is not known')
  for (const ending of SECRET_ENDINGS) {
    const secret = configuration + ending
    const path = `/api/v1/namespaces/${namespace}/secrets/${secret}`
    const read = await readObject(session, path, `the Secret ${namespace}/${secret}`)
    if (!read.known) return unseen(read.because, secret)
    const leaf =
      read.value === null ? '' : decodedOf(objectAt(read.value, 'data'), 'tls.crt', PEM_MAX_CHARACTERS)
    if (leaf !== '') return { secret, bundleVerifies: verified(leaf, bundle) }
  }
  return unseen(`there is no Secret of the chart in the namespace ${namespace}`)
}

function verified(leaf: string, bundle: string): Known<boolean> {
  try {
    const certificate = new X509Certificate(leaf)
    const value = certificatesIn(bundle).some((pem) => isIssuer(new X509Certificate(pem), certificate))
    return { known: true, value }
  } catch {
    return { known: false, because: 'the certificate of the webhook, or its caBundle, cannot be read' }
  }
}
