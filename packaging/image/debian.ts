import { readFile } from 'node:fs/promises'

/** Why the image cannot be built on this machine, or null: its packages come from the archive of Debian 12. */
export async function debianFault(path = '/etc/os-release'): Promise<string | null> {
  const text = await readFile(path, 'utf8').catch(() => '')
  const field = (name: string) => new RegExp(`^${name}="?([^"\n]*)`, 'm').exec(text)?.[1]
  if (field('ID') === 'debian' && field('VERSION_ID') === '12') return null
  return [
    `the image needs Debian 12 (its apt-get and dpkg-deb); this is ${field('PRETTY_NAME') ?? process.platform}.`,
    'Use a container: docker run --rm -v "$PWD:/source" -w /source node:24-bookworm-slim sh -c "npm ci && npm run image"',
    'Or build the image from the Dockerfile: docker build .',
  ].join('\n')
}
