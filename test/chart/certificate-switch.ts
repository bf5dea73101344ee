import { textAt } from '../../server/json.ts'
import { pathOf } from './dry-run.ts'
import { CHART, objectsOf } from './helm.ts'
import { type Release, run } from './lifecycle.ts'
import { only } from './objects.ts'
import { clientConfigOf, writeAsPods } from './pods-writes.ts'

/**
 * Installs a release with the self-signed certificate, and upgrades it to values with a certificate of your own.
 * @returns failures, a line each
 */
export async function troublesOfSwitch(release: Release): Promise<readonly string[]> {
  const { cluster, name } = release
  const webhookConfiguration = async () =>
    only(objectsOf(await run(release, 'get', 'manifest', name)), 'ValidatingWebhookConfiguration')
  try {
    await run({ ...release, values: {} }, 'install', name, CHART)
    await writeAsPods(cluster, objectsOf(await run(release, 'get', 'manifest', name)))
    await upgrade(release)
    const rendered = await webhookConfiguration()
    const { body } = await cluster.adminRequest('GET', `${await pathOf(cluster, rendered)}`)
    const [given, live] = [rendered, body].map((each) => textAt(clientConfigOf(each), 'caBundle'))
    if (given === '' || given !== live) throw new Error('the webhook kept the caBundle of the pods')
    await run(release, 'uninstall', name)
    return []
  } catch (error) {
    await run(release, 'uninstall', name).catch(() => undefined)
    return [error instanceof Error ? error.message : String(error)]
  }
}

/** With server-side apply, the caBundle is a field of the pods until Helm is forced. Helm 3 knows no owners of fields. */
async function upgrade(release: Release): Promise<void> {
  const args = ['upgrade', release.name, CHART]
  if (release.program === 'helm3') return void (await run(release, ...args))
  const refusal = await run(release, ...args).then(
    () => 'no refusal',
    (error: Error) => error.message,
  )
  if (!/conflict with \\?"kubelet-csr-gate\\?" using .*caBundle/.test(refusal))
    throw new Error(`an upgrade that is not forced should conflict: ${refusal}`)
  await run(release, ...args, '--force-conflicts')
}
