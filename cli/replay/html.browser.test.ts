import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isChromiumThere, startChromium } from '../../property-tests/chromium.ts'
import { shippedPacks } from '../../property-tests/packs.ts'
import { replayed } from '../../property-tests/replayed.ts'
import { demoFiles, type Report } from '../../replay/index.ts'
import { replayHtml } from './html.ts'

const isThere = isChromiumThere('the HTML report of replay is')
const checks = readFileSync(new URL('../../bench/report/page/checks.js', import.meta.url), 'utf8')
const looks = [
  { width: 1280, media: 'screen', colorScheme: 'light' },
  { width: 1280, media: 'screen', colorScheme: 'dark' },
  { width: 390, media: 'screen', colorScheme: 'dark' },
  { width: 718, media: 'print', colorScheme: 'dark' },
] as const

describe.runIf(isThere)('the HTML report in a browser without a network', () => {
  let folder: string
  let context: BrowserContext
  let report: Report

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'portcullis-replay-html-'))
    context = await startChromium(join(folder, 'profile'))
    await context.setOffline(true)
    const logs = Object.entries(demoFiles()).filter(([name]) => name.endsWith('.csv'))
    report = await replayed({ ruleSet: shippedPacks[0]!.pack.ruleSet }, Object.fromEntries(logs))
  })
  afterAll(async () => {
    await context.close()
    rmSync(folder, { recursive: true, force: true })
  })

  async function open(text: string): Promise<{ page: Page; noise: string[] }> {
    const file = join(folder, 'report.html')
    writeFileSync(file, text)
    const page = await context.newPage()
    const noise: string[] = []
    page.on('console', (message) => noise.push(message.text()))
    page.on('pageerror', (error) => noise.push(error.message))
    page.on('request', (request) => {
      if (request.url() !== pathToFileURL(file).href) noise.push(`asked for ${request.url()}`)
    })
    await page.goto(pathToFileURL(file).href)
    return { page, noise }
  }

  test('is legible on a desk, a phone and paper, in light and dark', async () => {
    const { page, noise } = await open(replayHtml(report))
    const faults: string[] = []
    for (const { width, ...look } of looks) {
      await page.setViewportSize({ width, height: 844 })
      await page.emulateMedia(look)
      const found = await page.evaluate<string[]>(checks)
      faults.push(
        ...found.map((each) => `${width} px, ${look.media}, ${look.colorScheme}: ${each}`),
      )
    }
    expect(faults).toEqual([])
    expect(noise).toEqual([])
    await page.close()
  })

  test('is searched and sorted by the keyboard', async () => {
    const { page, noise } = await open(replayHtml(report))
    const people = page.locator('section', {
      has: page.locator('h2', { hasText: 'Whom to write to' }),
    })
    const rows = people.locator('tbody tr:visible')
    const all = await rows.count()
    await people.locator('input').focus()
    await page.keyboard.type('SCAN-')
    expect(await rows.count()).toBe(2)
    expect(await people.locator('output').textContent()).toBe(`2 of ${all}`)
    await people.locator('input').fill('')
    expect(await rows.count()).toBe(all)
    const signIns = people.locator('thead th', { hasText: 'sign-ins' })
    const column = async () => (await rows.locator('td:nth-child(6)').allTextContents()).map(Number)
    await signIns.locator('button').focus()
    await page.keyboard.press('Enter')
    expect(await signIns.getAttribute('aria-sort')).toBe('descending')
    const down = await column()
    expect(down).toEqual(down.toSorted((a, b) => b - a))
    await page.keyboard.press('Enter')
    expect(await column()).toEqual(down.toSorted((a, b) => a - b))
    expect(noise).toEqual([])
    await page.close()
  })

  test('of 50,000 users is small and opens at once', async () => {
    const [person] = report.people
    const people = Array.from({ length: 50_000 }, (_, at) => ({
      ...person!,
      user: `user-${at}`,
      name: `user-${at}@example.com`,
    }))
    const text = replayHtml({ ...report, people })
    expect(text.length).toBeLessThan(3_000_000)
    expect(text).toContain('48000 more are in users.csv')
    const { page, noise } = await open(text)
    await page.locator('.search input').first().fill('user-17@')
    expect(noise).toEqual([])
    await page.close()
  })

  test('holds what a log holds as text', async () => {
    const evil = '"><img src=x onerror=alert(1)><script>alert(1)</script>'
    const people = report.people.slice(0, 3).map((each) => ({ ...each, user: evil, name: evil }))
    const { page, noise } = await open(
      replayHtml({
        ...report,
        people,
        answer: evil,
        warnings: [evil],
        files: [{ file: evil, shape: evil, rows: 1, decided: 1 }],
      }),
    )
    expect(await page.evaluate('document.querySelectorAll("img, script + script").length')).toBe(0)
    expect(await page.locator('h1').textContent()).toBe(evil)
    expect(noise).toEqual([])
    await page.close()
  })
})
