/** Builds the site, checks its links, and shows every page in headless Chromium at two widths. About two minutes. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { type Browser, chromium, type Page } from 'playwright-core'
import { faultsOfLinks, pagesOf, readSite, serveSite, type Site } from './built.ts'

const root = join(import.meta.dirname, '..', '..')
const CHROMIUM = '/usr/bin/chromium'
const isThere = existsSync(CHROMIUM) || process.env['CI'] === 'true'
const skip = isThere ? false : `NOT TESTED: ${CHROMIUM} missing: sh test/setup.sh browser`
/** A phone, and a small laptop. */
const WIDTHS = [390, 1280] as const

let site: Site
let server: Awaited<ReturnType<typeof serveSite>>
let browser: Browser | undefined

before(async () => {
  await promisify(execFile)('npm', ['run', 'site'], { cwd: root })
  site = await readSite(join(root, 'dist', 'site'))
  server = await serveSite(site)
  if (skip === false)
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'], timeout: 120_000 })
})
after(async () => {
  await browser?.close()
  await server?.[Symbol.asyncDispose]()
})

test('every link of the site leads to a file and an anchor', async () => {
  assert.ok(pagesOf(site).length > 35)
  assert.deepEqual(await faultsOfLinks(site), [])
})

test('a link to a missing page or anchor is found', async () => {
  await using temporary = await mkdtempDisposable(join(tmpdir(), 'kubelet-csr-gate-site-'))
  const folder = temporary.path
  await mkdir(join(folder, 'a'))
  await writeFile(join(folder, 'index.html'), '<p id="b"><a href="./a/c.html#d"> <a href="#b"> <a href="#e">')
  await writeFile(
    join(folder, 'a', 'c.html'),
    '<a href="../index.html#b"> <img src="/gone.svg"> <a href="/">',
  )
  assert.deepEqual(await faultsOfLinks(await readSite(folder)), [
    'a/c.html: /gone.svg leads to no file (gone.svg)',
    'index.html: ./a/c.html#d leads to no id',
    'index.html: #e leads to no id',
  ])
})

interface Seen {
  /** Errors of the console, failed requests, and requests to other places. */
  readonly complaints: string[]
}

async function openPage(
  width: number,
  colorScheme: 'light' | 'dark',
): Promise<Seen & AsyncDisposable & { readonly page: Page }> {
  assert.ok(browser)
  const page = await browser.newPage({ colorScheme, viewport: { width, height: 900 } })
  page.setDefaultTimeout(60_000)
  const complaints: string[] = []
  page.on('pageerror', ({ message }) => complaints.push(message))
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  page.on('requestfailed', (request) => {
    // what is loaded ahead is given up when the page is left
    if (request.failure()?.errorText !== 'net::ERR_ABORTED') complaints.push(`failed: ${request.url()}`)
  })
  page.on(
    'response',
    (response) => response.status() >= 400 && complaints.push(`${response.status()}: ${response.url()}`),
  )
  page.on(
    'request',
    (request) =>
      request.url().startsWith(server.url) ||
      request.url().startsWith('data:') ||
      complaints.push(`elsewhere: ${request.url()}`),
  )
  return { page, complaints, [Symbol.asyncDispose]: () => page.close() }
}

/** SITE_PICTURES=FOLDER keeps pictures, to be looked at. */
async function keepPicture(page: Page, name: string): Promise<void> {
  const folder = process.env['SITE_PICTURES']
  if (folder !== undefined) await page.screenshot({ path: join(folder, `${name.replaceAll('/', '-')}.png`) })
}

const OVERFLOW = 'document.documentElement.scrollWidth - document.documentElement.clientWidth'

/** What a reader would have to move sideways to read: texts that are wider than their place or the screen. */
const CUT = `[...document.querySelectorAll('main :is(table, pre, code, p, td, img, h1, h2, h3, h4)')]
  .filter((shown) => shown.clientWidth > 0)
  .filter((shown) => shown.scrollWidth > shown.clientWidth + 1 || shown.getBoundingClientRect().right > innerWidth)
  .map((shown) => shown.tagName + ': ' + shown.textContent.slice(0, 60))`

for (const [index, width] of WIDTHS.entries())
  test(`every page at a width of ${width}: nothing is cut, nothing fails, nothing is loaded from elsewhere`, {
    skip,
  }, async () => {
    const scheme = index === 0 ? 'light' : 'dark'
    await using opened = await openPage(width, scheme)
    const { page, complaints } = opened
    for (const path of pagesOf(site)) {
      await page.goto(`${server.url}${path}`, { waitUntil: 'load' })
      assert.equal(await page.evaluate<number>(OVERFLOW), 0, `${path} is wider than ${width}`)
      assert.deepEqual(await page.evaluate<string[]>(CUT), [], `${path} is cut at ${width}`)
      assert.deepEqual(complaints, [], path)
      await keepPicture(page, `${path}-${width}-${scheme}`)
    }
  })

test('dark and light follow the system, with readable text', { skip }, async () => {
  for (const scheme of ['light', 'dark'] as const) {
    await using opened = await openPage(1280, scheme)
    await opened.page.goto(`${server.url}docs/troubleshooting.html`)
    const [ground, text] = await opened.page.evaluate<[string, string]>(
      "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.querySelector('main p')).color]",
    )
    const brightness = (colour = '') => Number(/\d+/u.exec(colour)?.[0])
    const difference = brightness(ground) - brightness(text)
    assert.ok(scheme === 'light' ? difference > 100 : difference < -100, `${scheme}: ${text} on ${ground}`)
    await keepPicture(opened.page, `troubleshooting-1280-${scheme}`)
  }
})

test('the search finds a page by an error text, without a network', { skip }, async () => {
  await using opened = await openPage(1280, 'light')
  await opened.page.goto(server.url)
  await opened.page.locator('.VPNavBarSearch button').first().click()
  await opened.page.locator('.VPLocalSearchBox input').fill('tls: internal error')
  await opened.page.locator('.VPLocalSearchBox .result', { hasText: 'internal error' }).first().waitFor()
  assert.deepEqual(opened.complaints, [])
  await keepPicture(opened.page, 'search-1280-light')
})
