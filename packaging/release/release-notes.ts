import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { newestRelease } from './changelog.ts'
import { type Published, withAddresses } from './published-chart.ts'

/** The newest section of the changelog, with links to the files of that version, and how to verify the files. */
export async function releaseNotes(
  root: string,
  published: Pick<Published, 'version' | 'repository'>,
): Promise<string> {
  const { text } = newestRelease(await readFile(join(root, 'CHANGELOG.md'), 'utf8'))
  const verify = '[How to verify these files](docs/releasing.md#verify-a-release).'
  return `${withAddresses(`${text}\n\n${verify}`, '.', published)}\n`
}
