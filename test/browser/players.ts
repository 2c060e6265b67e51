import type { Page } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'
import { requireProgram } from '../support/ffmpeg.ts'
import { type PageServer, servePages, startBrowser, type TestBrowser } from './kit.ts'

/** Longest time that a player may need to come to a point, in ms. */
const PATIENCE_MS = 30_000

/** What a player on a page came to. */
export interface Playing {
  /** Every ERROR event of hls.js, and what the page itself threw. */
  readonly errors: readonly string[]
  /** Seconds; not finite while live. */
  readonly duration: number
  readonly frames: number
  readonly hasEnded: boolean
  /** Texts of the subtitles that were loaded. */
  readonly cues: readonly string[]
  /** Height of the picture, in pixels. */
  readonly height: number
  /** What is there to be played, in seconds from the start. */
  readonly buffered: readonly { readonly start: number; readonly end: number }[]
}

/** How a page plays. */
export interface PlayOptions {
  /** Times the normal speed. */
  readonly rate?: number
  /** The variant to stay on; hls.js chooses when undefined. */
  readonly level?: number
  /** Seconds from the start; the live edge, or 0, when undefined. */
  readonly startAt?: number
}

/** One Chromium without a window, and a server of pages that play with hls.js. */
class Players {
  readonly #browser: TestBrowser
  readonly #pages: PageServer
  #lastOpened: Promise<unknown> = Promise.resolve()

  private constructor(browser: TestBrowser, pages: PageServer) {
    this.#browser = browser
    this.#pages = pages
  }

  static async start(): Promise<Players> {
    requireProgram('ffmpeg', 'ffmpeg')
    return new Players(await startBrowser(), await servePages({ '/': PAGE }))
  }

  async stop(): Promise<void> {
    await this.#browser.stop()
    this.#pages.stop()
  }

  /** Opens a page for one player. One at a time: it costs far more than playing, and would starve those that play. */
  open(): Promise<Player> {
    const opened = this.#lastOpened.then(async () => new Player(await this.#browser.context.newPage(), this.#pages.url))
    this.#lastOpened = opened.catch(() => undefined)
    return opened
  }
}

/** Players for the tests of a file: they start before the first and stop after the last. */
export function usePlayers(): Pick<Players, 'open'> {
  let players: Players | undefined
  beforeAll(async () => {
    players = await Players.start()
  })
  afterAll(() => players?.stop())
  return { open: () => players?.open() ?? Promise.reject(new Error('opened before the first test')) }
}

/** A page that plays one thing after another. */
export class Player {
  readonly #page: Page
  readonly #url: string

  constructor(page: Page, url: string) {
    this.#page = page
    this.#url = url
  }

  /** Begins to play a playlist. */
  async play(source: string, options: PlayOptions = {}): Promise<void> {
    const query = encodeURIComponent(JSON.stringify({ source, rate: 1, level: -1, startAt: -1, ...options }))
    await this.#page.goto(`${this.#url}/?${query}`)
  }

  /** Resolves when playing has come to `seconds`, or when it can no longer. */
  async reaches(seconds: number): Promise<void> {
    await this.#when(`video.currentTime >= ${seconds}`, `come to ${seconds} s`)
  }

  /** Plays faster, or slower, from now on. */
  async speed(rate: number): Promise<void> {
    await this.#page.evaluate(`video.defaultPlaybackRate = video.playbackRate = ${rate}`)
  }

  /** Has hls.js choose the subtitles again and drop the load of them, as it does when Chromium is late to tell of a track. */
  async chooseSubtitlesAgain(): Promise<void> {
    await this.#page.evaluate(`video.textTracks.dispatchEvent(new Event('change'))`)
  }

  /** Resolves when hls.js has reported an error that holds `text`. */
  async reports(text: string): Promise<Playing> {
    return this.#when(`errors.some((error) => error.includes('${text}'))`, `report ${text}`)
  }

  /** Resolves when the last picture was shown, or after `ms`. */
  async ends(ms = PATIENCE_MS): Promise<Playing> {
    return this.#when('video.ended', 'play to its end', ms)
  }

  close(): Promise<void> {
    return this.#page.close()
  }

  /** Resolves when an expression holds, or hls.js gave up: then its errors tell. */
  async #when(expression: string, what: string, ms = PATIENCE_MS): Promise<Playing> {
    const done = `window.hasFailed || (${expression})`
    const isDone = await this.#page.waitForFunction(done, undefined, { timeout: ms }).then(
      () => true,
      () => false,
    )
    const state = await this.#page.evaluate<Playing>('playing()')
    return isDone ? state : { ...state, errors: [...state.errors, `did not ${what} within ${ms} ms`] }
  }
}

/** Plays what its query names and keeps every error, fatal or not. */
const PAGE = `<!doctype html>
<meta charset="utf-8">
<link rel="icon" href="data:,">
<video muted autoplay playsinline></video>
<script src="/hls.js"></script>
<script>
  const { source, rate, level, startAt } = JSON.parse(decodeURIComponent(location.search.slice(1)))
  const video = document.querySelector('video')
  const errors = []
  window.hasFailed = false
  const fail = (text) => { errors.push(text); window.hasFailed = true }
  window.addEventListener('error', ({ message }) => fail('page: ' + message))
  video.addEventListener('error', () => fail('video: ' + video.error.message))
  video.defaultPlaybackRate = video.playbackRate = rate
  const hls = new Hls({ startPosition: startAt })
  hls.on(Hls.Events.ERROR, (_, data) => {
    const { type, details, fatal, reason, error, url, response } = data
    const text = [fatal ? 'fatal' : 'non-fatal', type, details, reason ?? error?.message, data.frag?.url ?? url,
      response?.code].filter(Boolean).join(' ')
    if (fatal) fail(text)
    else errors.push(text)
  })
  hls.on(Hls.Events.MANIFEST_PARSED, () => { hls.loadLevel = level })
  hls.loadSource(source)
  hls.attachMedia(video)
  const cuesOf = (track) => [...(track.cues ?? [])].map((cue) => cue.text)
  const rangesOf = (ranges) =>
    Array.from({ length: ranges.length }, (_, index) => ({ start: ranges.start(index), end: ranges.end(index) }))
  window.playing = () => ({
    errors,
    duration: video.duration,
    frames: video.getVideoPlaybackQuality().totalVideoFrames,
    hasEnded: video.ended,
    cues: [...video.textTracks].flatMap(cuesOf),
    height: video.videoHeight,
    buffered: rangesOf(video.buffered),
  })
</script>
`
