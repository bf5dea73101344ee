import { textAt } from '../../server/json.ts'
import { pathOf } from './dry-run.ts'
import { CHART, objectsOf } from './helm.ts'
import { type Release, run } from './lifecycle.ts'
import { clientConfigOf, writeAsPods } from './pods-writes.ts'

/**
 * Upgrades a release whose pods made their own certificate to values that bring another, with its CA.
 * @returns what went wrong, a line each
 */
export async function troublesOfSwitch(release: Release): Promise<readonly string[]> {
  const { cluster, name, program } = release
  const manifest = async () => objectsOf(await run(release, 'get', 'manifest', name))
  try {
    await run({ ...release, values: {} }, 'install', name, CHART)
    await writeAsPods(cluster, await manifest())
    // by server-side apply the caBundle is the pods' field; Helm 3 knows no fields' owners
    await run(release, 'upgrade', name, CHART, ...(program === 'helm' ? ['--force-conflicts'] : []))
    const webhook = (await manifest()).find(({ kind }) => kind === 'ValidatingWebhookConfiguration') ?? {}
    const { body } = await cluster.adminRequest('GET', `${await pathOf(cluster, webhook)}`)
    const [given, live] = [webhook, body].map((one) => textAt(clientConfigOf(one), 'caBundle'))
    await run(release, 'uninstall', name)
    return given && given === live ? [] : [`${program}: the webhook kept the caBundle of the pods`]
  } catch (error) {
    await run(release, 'uninstall', name).catch(() => undefined)
    return [error instanceof Error ? error.message : String(error)]
  }
}
