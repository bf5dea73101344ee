/** The page of `report` in a real browser: headless Chromium, without a network. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { readAssets } from '../../cli/report/assets.ts'
import { pageOf } from '../../cli/report/page.ts'
import { temporaryDirectory, type TemporaryDirectory } from '../kit/directory.ts'
import { contentsOfNodes } from './contents.fixture.ts'

const CHROMIUM = '/usr/bin/chromium'
const isThere = existsSync(CHROMIUM) || process.env['CI'] === 'true'
const skip = isThere ? false : `NOT TESTED: ${CHROMIUM} missing: sh test/setup.sh browser`

let browser: Browser
let directory: TemporaryDirectory
before(async () => {
  if (skip !== false) return
  directory = await temporaryDirectory('report')
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'], timeout: 120_000 })
})
after(async () => {
  await browser?.close()
  await directory?.[Symbol.asyncDispose]()
})

interface Opened extends AsyncDisposable {
  readonly page: Page
  readonly complaints: readonly string[]
  readonly requests: readonly string[]
}

async function open(
  contents: ReturnType<typeof contentsOfNodes>,
  colorScheme: 'light' | 'dark' = 'light',
): Promise<Opened> {
  const path = join(directory.path, 'report.html')
  await writeFile(path, pageOf(contents, await readAssets()))
  const page = await browser.newPage({ colorScheme, viewport: { width: 1500, height: 1000 } })
  page.setDefaultTimeout(60_000)
  const complaints: string[] = []
  const requests: string[] = []
  page.on('pageerror', ({ message }) => complaints.push(message))
  page.on('console', (message) => complaints.push(message.text()))
  page.on('request', (request) => requests.push(request.url()))
  await page.goto(pathToFileURL(path).href)
  return { page, complaints, requests, [Symbol.asyncDispose]: () => page.close() }
}

const rows = (page: Page) => page.locator('#nodes tbody tr')
const firstName = (page: Page) => rows(page).first().locator('td').first().innerText()

for (const [count, visible] of [
  [3, 3],
  [500, 100],
  [5_000, 100],
] as const) {
  test(`${count} nodes: the page shows ${visible} of them, loads nothing, and nothing is refused`, {
    skip,
  }, async () => {
    await using opened = await open(contentsOfNodes(count))
    assert.equal(await rows(opened.page).count(), visible)
    assert.match(
      await opened.page.locator('#nodes .controls span').innerText(),
      new RegExp(`of ${count} nodes$`, 'u'),
    )
    assert.deepEqual(opened.complaints, [])
    assert.equal(opened.requests.length, 1)
    await keepPicture(opened.page, `${count}-nodes`)
  })
}

/** REPORT_PICTURES=FOLDER keeps pictures, to be looked at. */
async function keepPicture(page: Page, name: string): Promise<void> {
  const folder = process.env['REPORT_PICTURES']
  if (folder !== undefined) await page.screenshot({ path: join(folder, `${name}.png`) })
}

test('light and dark follow the system, each with readable text', { skip }, async () => {
  for (const scheme of ['light', 'dark'] as const) {
    await using opened = await open(contentsOfNodes(3), scheme)
    const [ground, text] = await opened.page.evaluate<[string, string]>(
      '[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]',
    )
    await keepPicture(opened.page, scheme)
    const brightness = (colour = '') => Number(/\d+/u.exec(colour)?.[0])
    const difference = brightness(ground) - brightness(text)
    assert.ok(scheme === 'light' ? difference > 150 : difference < -150, `${scheme}: ${text} on ${ground}`)
  }
})

test('by keyboard alone, the skip link leads to the nodes, and they are filtered, sorted, paged and walked', {
  skip,
}, async () => {
  await using opened = await open(contentsOfNodes(500))
  const { page } = opened
  await page.keyboard.press('Tab')
  assert.equal(await page.evaluate<string>('document.activeElement.textContent'), 'Skip to nodes')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Tab')
  await page.keyboard.type('worker-10')
  assert.equal(await page.locator('#nodes .controls span').innerText(), '1 to 11 of 11 nodes')
  await page.locator('#nodes input').fill('')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  assert.equal(await page.locator('#nodes .controls span').innerText(), '101 to 200 of 500 nodes')
  const sort = page.locator('#nodes th button', { hasText: /^Node$/u })
  await sort.focus()
  await page.keyboard.press('Enter')
  await page.keyboard.press('Enter')
  assert.equal(await page.locator('#nodes th').first().getAttribute('aria-sort'), 'descending')
  assert.equal(await firstName(page), 'worker-500.eu-central-1.compute.internal')
  await rows(page).first().focus()
  await page.keyboard.press('ArrowDown')
  assert.equal(
    await page.evaluate<string>('document.activeElement.querySelector("td").textContent'),
    'worker-499.eu-central-1.compute.internal',
  )
})

test('nodes without a certificate come last, whichever way the days left are sorted', { skip }, async () => {
  await using opened = await open(contentsOfNodes(3))
  const { page } = opened
  const sort = page.locator('#nodes th button', { hasText: 'Days left' })
  const days = () => page.locator('#nodes tbody td.number').allInnerTexts()
  await sort.click()
  assert.deepEqual(await days(), ['328', '365', ''])
  await sort.click()
  assert.deepEqual(await days(), ['365', '328', ''])
})

test('what a node wrote is text: no element, no script, no end of the JSON', { skip }, async () => {
  const hostile = '</script><img src=x onerror=alert(1)><b>'
  const contents = contentsOfNodes(1)
  const [node, ...others] = contents.nodes
  assert.ok(node)
  const nodes = [{ ...node, name: hostile, finding: hostile, sans: [hostile], issuer: hostile }, ...others]
  await using opened = await open({ ...contents, nodes })
  assert.equal(await firstName(opened.page), hostile)
  assert.equal(await opened.page.locator('img').count(), 0)
  assert.deepEqual(opened.complaints, [])
})

test('printed, all nodes are on the page, and the controls are not', { skip }, async () => {
  await using opened = await open(contentsOfNodes(500))
  const { page } = opened
  await page.emulateMedia({ media: 'print' })
  await page.evaluate("dispatchEvent(new Event('beforeprint'))")
  assert.equal(await rows(page).count(), 500)
  assert.equal(await page.locator('.controls').first().isVisible(), false)
  await keepPicture(page, 'print')
})

/** Typing feels immediate below 100 ms; a slow machine that also runs other tests gets ten times as long. */
const IMMEDIATE_MS = 1_000

const FILTER_AND_SORT = `(() => {
  const filter = document.querySelector('#nodes input')
  const start = performance.now()
  filter.value = 'worker-4'
  filter.dispatchEvent(new Event('input'))
  document.querySelector('#nodes th button').click()
  return performance.now() - start
})()`

test('5,000 nodes are filtered and sorted at once', { skip }, async () => {
  await using opened = await open(contentsOfNodes(5_000))
  const took = await opened.page.evaluate<number>(FILTER_AND_SORT)
  assert.ok(took < IMMEDIATE_MS, `${took} ms`)
})
