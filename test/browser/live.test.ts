import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, chromium } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { playerPage } from '../../src/node/demo-page.ts'
import { startReceiver, type TestReceiver } from '../../src/testing/index.ts'
import { amsOutput, pictureArgs, requireProgram, start } from '../support/ffmpeg.ts'

const CHROMIUM = '/usr/bin/chromium'
const PUSH_SECONDS = 16
const LEAST_FRAMES = 100
const profile = mkdtempSync(join(tmpdir(), 'chromium-'))
let receiver: TestReceiver
let pages: Server
let browser: BrowserContext

beforeAll(async () => {
  requireProgram(CHROMIUM, 'chromium')
  requireProgram('ffmpeg', 'ffmpeg')
  receiver = await startReceiver()
  const script = readFileSync(createRequire(import.meta.url).resolve('hls.js/dist/hls.min.js'))
  const playUrl = `${receiver.url}/live/streams/stream1.m3u8`
  pages = createServer((request, answer) => {
    answer.setHeader('Content-Type', request.url === '/hls.js' ? 'text/javascript' : 'text/html')
    answer.end(request.url === '/hls.js' ? script : playerPage(playUrl))
  })
  await new Promise<void>((resolve) => pages.listen(0, '127.0.0.1', resolve))
  browser = await chromium.launchPersistentContext(profile, {
    executablePath: CHROMIUM,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--autoplay-policy=no-user-gesture-required',
      '--mute-audio',
    ],
  })
})

afterAll(async () => {
  await browser?.close()
  pages?.close()
  await receiver?.stop()
  rmSync(profile, { recursive: true, force: true })
})

test('hls.js in Chromium plays the live stream while it is pushed', async () => {
  const encoder = start('ffmpeg', [
    ...pictureArgs(PUSH_SECONDS),
    ...amsOutput(`${receiver.url}/live/hls-upload`, 'stream1'),
  ])
  const page = await browser.newPage()
  const problems: string[] = []
  page.on('pageerror', (error) => problems.push(error.message))
  await page.goto(`http://127.0.0.1:${(pages.address() as AddressInfo).port}/`)
  await page.waitForFunction(
    (least) => (document.querySelector('video')?.getVideoPlaybackQuality().totalVideoFrames ?? 0) >= least,
    LEAST_FRAMES,
    { timeout: 60_000 },
  )
  const seen = await page.evaluate(() => {
    const video = document.querySelector('video')
    return {
      time: video?.currentTime ?? 0,
      dropped: video?.getVideoPlaybackQuality().droppedVideoFrames ?? -1,
      state: document.querySelector('#state')?.textContent,
      error: video?.error?.message,
    }
  })
  expect(problems).toEqual([])
  expect(seen).toMatchObject({ state: 'Live.', error: undefined })
  expect(seen.time).toBeGreaterThan(1)
  expect((await encoder.finished).code).toBe(0)
})
