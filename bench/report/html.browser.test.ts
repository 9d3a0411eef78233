import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isChromiumThere, startChromium } from '../../property-tests/chromium.ts'
import type { BenchDocument } from './document.ts'
import { htmlReport } from './html.ts'
import { junitReport } from './junit.ts'
import { samples, withStrings } from './samples.ts'

const isThere = isChromiumThere('the HTML report is')
const checks = readFileSync(new URL('page/checks.js', import.meta.url), 'utf8')

/** A desk, a phone, and paper of A4 from a dark screen. */
const looks = [
  { width: 1280, media: 'screen', colorScheme: 'light' },
  { width: 1280, media: 'screen', colorScheme: 'dark' },
  { width: 390, media: 'screen', colorScheme: 'light' },
  { width: 390, media: 'screen', colorScheme: 'dark' },
  { width: 718, media: 'print', colorScheme: 'dark' },
] as const

test.runIf(process.env['CI'] === 'true')('Chromium is there', () => {
  expect(isThere).toBe(true)
})

describe.runIf(isThere)('the HTML report in a browser without a network', () => {
  let folder: string
  let context: BrowserContext

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'portcullis-report-'))
    context = await startChromium(join(folder, 'profile'))
    await context.setOffline(true)
  })
  afterAll(async () => {
    await context.close()
    rmSync(folder, { recursive: true, force: true })
  })

  /** Opens a file, and gives back the page with what it said and asked for. */
  async function open(name: string, text: string): Promise<{ page: Page; noise: string[] }> {
    const file = join(folder, name)
    writeFileSync(file, text)
    const page = await context.newPage()
    const noise: string[] = []
    page.on('console', (message) => noise.push(message.text()))
    page.on('pageerror', (error) => noise.push(error.message))
    page.on('dialog', (dialog) => {
      noise.push(`dialog: ${dialog.message()}`)
      void dialog.dismiss()
    })
    page.on('request', (request) => {
      if (request.url() !== pathToFileURL(file).href) noise.push(`asked for ${request.url()}`)
    })
    await page.goto(pathToFileURL(file).href)
    return { page, noise }
  }

  async function check(document: BenchDocument): Promise<void> {
    const { page, noise } = await open('report.html', htmlReport(document))
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
  }

  test.each(Object.entries(samples))('is legible: %s', (_, document) => check(document))

  test.each([
    ['markup', '"><img src=x onerror=alert(1)><script>alert(1)</script>\'</style>--></title>'],
    ['a very long word', 'x'.repeat(400)],
    ['many words', 'some words about it '.repeat(30)],
    ['signs that steer', '\u001B[31m\u0000\u202Ereversed\r\n\ttab ]]> &amp; ${x}'],
    ['nothing', ''],
  ])('holds %s in every text', async (_, text) => {
    const document = withStrings(samples['everything']!, text)
    const { page, noise } = await open('hostile.html', htmlReport(document))
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 844 })
      const own = '[document.documentElement.scrollWidth, innerWidth]'
      const [scrollWidth, innerWidth] = await page.evaluate<[number, number]>(own)
      expect(scrollWidth).toBeLessThanOrEqual(innerWidth)
    }
    const planted =
      'document.querySelectorAll("img, script + script, title + title, main style").length'
    expect(await page.evaluate(planted)).toBe(0)
    expect(await page.evaluate('document.querySelectorAll("figure").length')).toBeGreaterThan(10)
    expect(noise).toEqual([])
    await page.close()
  })

  test('tells values at the pointer and by the keyboard', async () => {
    const { page, noise } = await open('report.html', htmlReport(samples['one open loop']!))
    const chart = page.locator('.chart').first()
    const readout = page.locator('.chart + .readout').first()
    await chart.hover()
    expect(await readout.textContent()).toMatch(
      /^[\d.]+%: [\d.,]+ ms from the plan, [\d.,]+ ms from sending$/,
    )
    await page.mouse.move(0, 0)
    await chart.focus()
    for (let times = 0; times < 20; times++) await page.keyboard.press('ArrowLeft')
    expect(await readout.textContent()).toMatch(/^50%: /)
    await page.keyboard.press('ArrowRight')
    expect(await readout.textContent()).toMatch(/^75%: /)
    expect(noise).toEqual([])
    await page.close()
  })

  test('the checks find what is wrong', async () => {
    const spoiled = htmlReport(samples['one open loop']!)
      .replace('<main>', '<main><h4>skips</h4><a href="elsewhere">x</a><p class="t-bad">')
      .replace(/<text x="[^"]*" y="[^"]*"/, '<text x="-900" y="20"')
      .replaceAll(
        /(class="t-strong">latency, ms.*\n<path[^>]*><text) x="[^"]*" y="[^"]*"/g,
        '$1 x="4" y="12"',
      )
      .replace('role="img" aria-label="', 'data-label="')
    const { page } = await open('spoiled.html', spoiled)
    await page.evaluate('document.documentElement.style.setProperty("--soft", "#aaaaaa")')
    const found = (await page.evaluate<string[]>(checks)).join('\n')
    for (const words of [
      'skips a level',
      'link to elsewhere',
      'leaves the window',
      'no name',
      'contrast of 2.3',
      'lies over',
    ])
      expect(found).toContain(words)
    await page.close()
  })

  test('JUnit’s XML is well-formed, whatever is in it', async () => {
    const { page } = await open('empty.html', '<!doctype html><title>x</title>')
    const parsed = `(text) => {
      const root = new DOMParser().parseFromString(text, 'text/xml').documentElement
      return [root.tagName, root.querySelectorAll('parsererror').length]
    }`
    for (const text of [']]><a>&b;"\'\u0000\uFFFF\uD800', 'plain'])
      for (const document of Object.values(samples)) {
        const xml = JSON.stringify(junitReport(withStrings(document, text)))
        expect(await page.evaluate(`(${parsed})(${xml})`)).toEqual(['testsuites', 0])
      }
    await page.close()
  })
})
