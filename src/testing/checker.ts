import { compareWithRecording } from './comparison.ts'
import { CpuWait } from './cpu-wait.ts'
import { expectedTimeline } from './expected-timeline.ts'
import { OriginReader } from './origin-reader.ts'
import { PlaylistFollower, type Sample } from './playlist-follower.ts'
import { measurePromptness } from './promptness.ts'
import type { Recording } from './recording.ts'

/** Time between two looks at each playlist, in ms. */
const STEP_MS = 40
/** Most violations that an error tells. */
const MAX_TOLD = 20

/** What a Checker watches. */
export interface CheckerOptions {
  /** `http://HOST:PORT` of the origin. */
  readonly url: string
  readonly app: string
  readonly recording: Recording
  /** Paths of playlists below /:app/streams/; variants that they name are found. */
  readonly playlists: readonly string[]
  /** It is a copy of an origin, and may lag behind: P9 is not asked of it. */
  readonly isCopy?: boolean
  /** Ingest keys and tokens that nothing may give out. */
  readonly secrets?: readonly string[]
}

/** What a Checker found. */
export interface CheckReport {
  /** Different (playlist text, URI, range, hash) that were right. */
  readonly verified: number
  /** Sentences that begin with the promise that was broken. */
  readonly violations: readonly string[]
  /** See Promptness. */
  readonly worstMs: number
  readonly worstBehindGapMs: number
}

/**
 * Polls playlists of an origin and everything they name while an encoder pushes, and compares it with what the encoder
 * sent: promises P2, P3, P4, P7 and P9. Knows nothing of how the receiver works.
 */
export class Checker {
  readonly #options: CheckerOptions
  readonly #reader = new OriginReader()
  readonly #followers = new Map<string, PlaylistFollower>()
  readonly #origin: string
  readonly #broken: string[] = []
  readonly #cpuWait = new CpuWait()
  #polling: Promise<void> | undefined
  #isStopped = false

  constructor(options: CheckerOptions) {
    this.#options = options
    this.#origin = `${options.url}/${options.app}/streams/`
    for (const path of options.playlists) this.#follow(this.#urlOf(path))
  }

  /** Begins to poll. */
  start(): void {
    this.#cpuWait.start()
    this.#polling = this.#keepPolling()
  }

  /** Whether a playlist was last served with this text, and all that it names was fetched. */
  hasRead(path: string, text: string): boolean {
    return this.#followers.get(this.#urlOf(path))?.lastChecked === text
  }

  /** Stops polling, looks once more at everything, and says what was found. */
  async stop(): Promise<CheckReport> {
    this.#isStopped = true
    await this.#polling
    await this.#pollAll()
    this.#cpuWait.stop()
    const followers = [...this.#followers.values()]
    const samples = followers.flatMap((follower) => follower.samples)
    const violations = [...this.#broken, ...followers.flatMap((follower) => follower.violations)]
    violations.push(...(await this.#readAgain(samples.filter(({ status }) => status === 200 || status === 206))))
    let verified = 0
    let [worstMs, worstBehindGapMs] = [0, 0]
    for (const follower of followers) {
      const timeline = expectedTimeline(this.#options.recording.bodies, this.#pathOf(follower))
      const verdict = compareWithRecording(follower, timeline, this.#options.recording.bodies)
      const promptness = measurePromptness(timeline, this.#options.recording, follower, this.#cpuWait)
      verified += verdict.verified
      violations.push(...verdict.violations, ...(this.#options.isCopy === true ? [] : promptness.violations))
      worstMs = Math.max(worstMs, promptness.worstMs)
      worstBehindGapMs = Math.max(worstBehindGapMs, promptness.worstBehindGapMs)
    }
    this.#reader.close()
    return { verified, violations, worstMs, worstBehindGapMs }
  }

  /** As `stop`; rejects when a promise was broken, or when fewer than `atLeast` things could be verified. */
  async finish({ atLeast }: { atLeast: number }): Promise<CheckReport> {
    const report = await this.stop()
    const { violations, verified } = report
    if (violations.length > 0) throw new Error(violations.slice(0, MAX_TOLD).join('\n'))
    if (verified < atLeast) throw new Error(`only ${verified} of at least ${atLeast} were verified`)
    return report
  }

  async #keepPolling(): Promise<void> {
    while (!this.#isStopped) {
      const next = Date.now() + STEP_MS
      await this.#pollAll()
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, next - Date.now())))
    }
  }

  async #pollAll(): Promise<void> {
    for (const follower of [...this.#followers.values()]) {
      try {
        const isNew = await follower.poll()
        for (const url of isNew ? follower.variants : []) await this.#follow(url).pollAsVariant()
      } catch (cause) {
        this.#broken.push(`P2: ${follower.url} could not be read: ${String(cause)}`)
      }
    }
  }

  #follow(url: string): PlaylistFollower {
    const known = this.#followers.get(url)
    if (known !== undefined) return known
    const follower = new PlaylistFollower(url, this.#origin, this.#options.secrets ?? [], this.#reader)
    this.#followers.set(url, follower)
    return follower
  }

  /** The bytes behind a URI never change (P3). */
  async #readAgain(samples: readonly Sample[]): Promise<string[]> {
    const firsts = new Map(samples.toReversed().map((sample) => [keyOf(sample), sample]))
    const violations: string[] = []
    for (const { url, range, hash, status } of firsts.values()) {
      const again = await this.#reader.read(url, range)
      if (again.status !== status || again.hash !== hash) violations.push(`P3: the bytes behind ${url} changed`)
    }
    for (const sample of samples) {
      const first = firsts.get(keyOf(sample))
      if (first?.hash !== sample.hash) violations.push(`P3: the bytes behind ${sample.url} were changed for a while`)
    }
    return [...new Set(violations)]
  }

  #urlOf(path: string): string {
    return `${this.#origin}${path.split('/').map(encodeURIComponent).join('/')}`
  }

  #pathOf({ url }: PlaylistFollower): string {
    return decodeURIComponent(url.slice(this.#origin.length))
  }
}

function keyOf({ url, range }: Sample): string {
  return JSON.stringify([url, range])
}
