/** Writes the config file of a service under test. */
import { writeFile } from 'node:fs/promises'
import { stringify } from 'yaml'

/** Settings besides the policy, as a config file has them. */
export type ConfigSettings = Readonly<Record<string, unknown>>

/** @param policy the text of a policy, which may have faults */
export async function writeConfig(path: string, settings: ConfigSettings, policy: string): Promise<void> {
  const indented = policy.replaceAll(/^(?=.)/gmu, '  ')
  await writeFile(path, `${stringify(settings)}policy:\n${indented}\n`)
}
