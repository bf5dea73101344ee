import { readdir, readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname, join, posix, sep } from 'node:path'

/** A built site, as files below a folder. */
export interface Site {
  readonly folder: string
  /** Paths of all files, with slashes. */
  readonly files: ReadonlySet<string>
}

export async function readSite(folder: string): Promise<Site> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll(sep, '/'),
    )
  return { folder, files: new Set(files) }
}

export const pagesOf = ({ files }: Site): readonly string[] =>
  [...files].filter((file) => file.endsWith('.html') && file !== '404.html').toSorted()

/** What is wrong with the links of a built site: a line for each that leads to no file or to no id. */
export async function faultsOfLinks(site: Site): Promise<readonly string[]> {
  const texts = new Map<string, string>()
  for (const page of pagesOf(site)) texts.set(page, await readFile(join(site.folder, page), 'utf8'))
  const faults: string[] = []
  for (const [page, html] of texts)
    for (const [, link = ''] of html.matchAll(/ (?:href|src)="([^"]+)"/gu)) {
      const fault = faultOf(page, link, site, texts)
      if (fault !== null) faults.push(`${page}: ${link} ${fault}`)
    }
  return faults
}

function faultOf(
  page: string,
  link: string,
  { files }: Site,
  texts: ReadonlyMap<string, string>,
): string | null {
  if (/^(?:https:|data:)/u.test(link)) return null
  const [path = '', anchor = ''] = link.split('#')
  const file = fileOf(page, path)
  if (!files.has(file)) return `leads to no file (${file})`
  const html = texts.get(file)
  const isThere = anchor === '' || html === undefined || html.includes(` id="${decodeURIComponent(anchor)}"`)
  return isThere ? null : 'leads to no id'
}

/** The file that is served for a path, which a folder has as index.html. */
function fileOf(page: string, path: string): string {
  if (path === '') return page
  const resolved = path.startsWith('/') ? path.slice(1) : posix.join(posix.dirname(page), path)
  return /(?:^|\/)\.?$/u.test(resolved) ? posix.join(resolved, 'index.html') : resolved
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
}

/** Serves a site on loopback; `url` ends with a slash. */
export async function serveSite({
  folder,
  files,
}: Site): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname).slice(1)
    const file = path === '' ? 'index.html' : path
    if (!files.has(file)) return void response.writeHead(404).end()
    void readFile(join(folder, file)).then((content) =>
      response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'text/plain' }).end(content),
    )
  })
  const { promise, resolve } = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', resolve)
  await promise
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    url: `http://127.0.0.1:${address.port}/`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      const closed = Promise.withResolvers<void>()
      server.close(() => closed.resolve())
      await closed.promise
    },
  }
}
