import { existsSync } from 'node:fs'
import { chromium, type BrowserContext } from 'playwright-core'

const executablePath = process.env['PORTCULLIS_CHROMIUM'] ?? '/usr/bin/chromium'

/** Whether there is a browser to look with; if not, the console says what is not looked at. */
export function isChromiumThere(lookedAt: string): boolean {
  const isThere = existsSync(executablePath)
  if (!isThere)
    console.warn(
      `No Chromium at ${executablePath}: ${lookedAt} not looked at. Install it (apt-get install chromium) or say where it is in PORTCULLIS_CHROMIUM.`,
    )
  return isThere
}

/** A browser that keeps what it knows in a folder. */
export const startChromium = (
  folder: string,
  ...args: readonly string[]
): Promise<BrowserContext> =>
  chromium.launchPersistentContext(folder, {
    executablePath,
    args: [
      '--no-sandbox', // CI runs as root
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...args,
    ],
  })
