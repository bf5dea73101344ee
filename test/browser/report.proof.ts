/** The page of `report` in a real browser: headless Chromium, without a network. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { type Browser, chromium } from 'playwright-core'
import { FakeCluster } from '../../cli/diagnose/cluster.fixture.ts'
import { pageOf } from '../../cli/report/page.ts'
import { temporaryDirectory } from '../kit/directory.ts'

const CHROMIUM = '/usr/bin/chromium'
const isThere = existsSync(CHROMIUM) || process.env['CI'] === 'true'
const skip = isThere ? false : `NOT TESTED: ${CHROMIUM} missing: sh test/setup.sh browser`
const HOSTILE = '</td><img src=x onerror=alert(1)><script>alert(1)</script>'

let browser: Browser
let url: string
const stack = new AsyncDisposableStack()
before(async () => {
  if (skip !== false) return
  const directory = stack.use(await temporaryDirectory('report'))
  await using cluster = await FakeCluster.start()
  cluster.put('nodes', {
    metadata: { name: 'w-3', labels: {} },
    status: { addresses: [{ type: 'Hostname', address: HOSTILE }] },
  })
  const path = join(directory.path, 'report.html')
  const about = { context: HOSTILE, server: 'https://10.0.0.1:6443', version: 'v1.36.3' }
  await writeFile(path, pageOf(about, await cluster.facts(), 'kubelet-csr-gate'))
  url = pathToFileURL(path).href
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'], timeout: 120_000 })
  stack.defer(() => browser.close())
})
after(() => stack.disposeAsync())

for (const scheme of ['light', 'dark'] as const) {
  test(`${scheme}: all is shown as text with its style, loads nothing, and nothing is refused`, {
    skip,
  }, async () => {
    const page = await browser.newPage({ colorScheme: scheme, viewport: { width: 1500, height: 1000 } })
    const complaints: string[] = []
    const requests: string[] = []
    page.on('pageerror', ({ message }) => complaints.push(message))
    page.on('console', (message) => complaints.push(message.text()))
    page.on('request', (request) => requests.push(request.url()))
    await page.goto(url)
    assert.equal(await page.locator('#nodes tbody tr').count(), 4)
    assert.ok((await page.locator('#nodes').innerText()).includes(HOSTILE))
    assert.equal(await page.locator('img, script').count(), 0)
    const [ground, text] = await page.evaluate<[string, string]>(
      '[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]',
    )
    const brightness = (colour = '') => Number(/\d+/u.exec(colour)?.[0])
    const difference = brightness(ground) - brightness(text)
    assert.ok(scheme === 'light' ? difference > 150 : difference < -150, `${scheme}: ${text} on ${ground}`)
    // REPORT_PICTURES=FOLDER keeps pictures, to be looked at.
    const folder = process.env['REPORT_PICTURES']
    if (folder !== undefined) await page.screenshot({ path: join(folder, `${scheme}.png`), fullPage: true })
    assert.deepEqual([complaints, requests], [[], [url]])
    await page.close()
  })
}
