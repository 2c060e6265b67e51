import { afterAll, beforeAll, expect, test } from 'vitest'
import { playerPage } from '../../src/node/demo-page.ts'
import { startReceiver, type TestReceiver } from '../../src/testing/index.ts'
import { amsOutput, pictureArgs, requireProgram, start } from '../support/ffmpeg.ts'
import { type PageServer, servePages, startBrowser, type TestBrowser } from './kit.ts'

const PUSH_SECONDS = 16
const LEAST_FRAMES = 100
let receiver: TestReceiver
let pages: PageServer
let browser: TestBrowser

beforeAll(async () => {
  requireProgram('ffmpeg', 'ffmpeg')
  receiver = await startReceiver()
  pages = await servePages({ '/': playerPage(`${receiver.url}/live/streams/stream1.m3u8`) })
  browser = await startBrowser()
})

afterAll(async () => {
  await browser?.stop()
  pages?.stop()
  await receiver?.stop()
})

test('the page of the demo plays the live stream while it is pushed', async () => {
  const encoder = start('ffmpeg', [
    ...pictureArgs(PUSH_SECONDS),
    ...amsOutput(`${receiver.url}/live/hls-upload`, 'stream1'),
  ])
  const page = await browser.context.newPage()
  const problems: string[] = []
  page.on('pageerror', (error) => problems.push(error.message))
  await page.goto(pages.url)
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
