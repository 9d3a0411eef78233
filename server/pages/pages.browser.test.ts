import { mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inline } from '../../engine/index.ts'
import { isChromiumThere, startChromium } from '../../property-tests/chromium.ts'
import { shippedPacks } from '../../property-tests/packs.ts'
import { settingsOf } from '../../property-tests/settings.ts'
import { createApp } from '../app.ts'
import { endpoints } from '../contract/endpoints.ts'
import { httpServer } from '../http.ts'
import { watchService } from '../metrics.ts'
import { problems } from '../problems.ts'
import { servicesOf } from '../services.ts'

const isThere = isChromiumThere('the pages of the service are')

describe.runIf(isThere)('a browser that reaches nothing but the service', () => {
  const { pack } = shippedPacks[0]!
  const metrics = watchService()
  const settings = settingsOf()
  const services = servicesOf({
    settings,
    live: () => pack,
    decider: inline(pack.ruleSet),
    metrics,
  })
  const server = httpServer(createApp(services), services)
  let url: string
  let folder: string
  let context: BrowserContext

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    folder = mkdtempSync(join(tmpdir(), 'portcullis-pages-'))
    context = await startChromium(
      folder,
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
    )
  }, 120_000)
  afterAll(async () => {
    await context.close()
    server.closeAllConnections()
    server.close()
    metrics.close()
    rmSync(folder, { recursive: true, force: true })
  })

  /** Opens a page, and gives back with it all that it complained of or asked others for. */
  async function open(path: string): Promise<{ page: Page; noise: string[] }> {
    const page = await context.newPage()
    const noise: string[] = []
    page.on('console', (message) => noise.push(message.text()))
    page.on('pageerror', (error) => noise.push(error.message))
    page.on('request', (request) => {
      if (!request.url().startsWith(url)) noise.push(`asked for ${request.url()}`)
    })
    await page.goto(`${url}${path}`)
    return { page, noise }
  }
  const withoutIcon = (noise: readonly string[]) =>
    noise.filter((each) => !each.includes('status of 404')) // of /favicon.ico

  test('shows every endpoint, and loads nothing from elsewhere', async () => {
    const { page, noise } = await open('/docs')
    for (const { summary } of Object.values(endpoints))
      await page.getByText(summary, { exact: true }).first().waitFor({ timeout: 30_000 })
    expect(withoutIcon(noise)).toEqual([])
  })

  test('decides a sign-in that is tried', async () => {
    const { page, noise } = await open('/docs')
    await page.getByText(endpoints['GET /livez'].summary, { exact: true }).first().waitFor()
    const answer = page.waitForResponse((response) => response.url() === `${url}/livez`)
    const section = page.locator('[id="get-/livez"], [id="overview--get-/livez"]').first()
    await section
      .locator('button', { hasText: /^\s*TRY\s*$/ })
      .first()
      .click()
    expect((await answer).status()).toBe(200)
    expect(withoutIcon(noise)).toEqual([])
  })

  test.each([
    ['/problems', 'Problems', Object.keys(problems).length],
    ['/problems/invalid-sign-in', problems['invalid-sign-in'].title, 1],
  ])('shows %s', async (path, title, codes) => {
    const { page, noise } = await open(path)
    expect(await page.locator('h1').textContent()).toBe(title)
    expect(await page.locator('code').count()).toBeGreaterThanOrEqual(codes)
    expect(await page.evaluate('getComputedStyle(document.body).maxWidth')).not.toBe('none')
    await page.getByText('The endpoints').click()
    await page.waitForURL(`${url}/docs`)
    expect(withoutIcon(noise)).toEqual([])
  })
})
