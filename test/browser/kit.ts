import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, chromium } from 'playwright-core'
import { requireProgram } from '../support/ffmpeg.ts'

const CHROMIUM = '/usr/bin/chromium'

/** One Chromium without a window. */
export interface TestBrowser {
  readonly context: BrowserContext
  stop(): Promise<void>
}

/** A server of small pages. */
export interface PageServer {
  /** `http://127.0.0.1:PORT` */
  readonly url: string
  stop(): void
}

/** Starts Chromium with a profile of its own. */
export async function startBrowser(): Promise<TestBrowser> {
  requireProgram(CHROMIUM, 'chromium')
  const profile = mkdtempSync(join(tmpdir(), 'chromium-'))
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: CHROMIUM,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-background-timer-throttling',
      '--disable-backgrounding-occluded-windows',
      '--disable-renderer-backgrounding',
      '--disable-component-update',
      '--disable-sync',
      '--autoplay-policy=no-user-gesture-required',
      '--mute-audio',
    ],
  })
  return {
    context,
    async stop() {
      await context.close()
      rmSync(profile, { recursive: true, force: true })
    },
  }
}

/** Serves pages by their paths, and hls.js under `/hls.js`, on a free port. */
export async function servePages(pages: Readonly<Record<string, string>>): Promise<PageServer> {
  const script = readFileSync(createRequire(import.meta.url).resolve('hls.js/dist/hls.min.js'))
  const server = createServer(({ url = '/' }, answer) => {
    const isScript = url === '/hls.js'
    answer.setHeader('Content-Type', isScript ? 'text/javascript' : 'text/html')
    answer.end(isScript ? script : pages[url.replace(/\?.*$/, '')])
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop() {
      server.close()
      server.closeAllConnections()
    },
  }
}
