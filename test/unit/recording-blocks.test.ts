import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BLOCK_RETRY_MS, GAP_MEND_MS } from '../../src/core/limits.ts'
import { NOTHING_DELETED } from '../../src/core/removal/deletion-rule.ts'
import { policies } from '../../src/core/restart-policy.ts'
import { NEVER_STALE } from '../simulation/world/surroundings.ts'
import { mediaList, Trial } from '../support/trial.ts'

const LIST = 'a.m3u8'
const WINDOW = 4
const SEGMENT_MS = 2_000
/** Never enough for a block. */
const NO_BLOCKS = 1e9
const RUNS = 50

/** What happens to one segment of an encoder, or before it. */
type Step =
  | 'sent'
  | 'lost'
  | 'late'
  | 'unlisted'
  | 'restart'
  | 'receiver restart'
  | 'new init'
  | 'new key'
  | 'pause'
  | 'end'

const STEPS: fc.Arbitrary<Step> = fc.oneof(
  { weight: 20, arbitrary: fc.constant<Step>('sent') },
  ...(['lost', 'late', 'unlisted', 'restart', 'receiver restart', 'new init', 'new key', 'pause', 'end'] as const).map(
    (step) => ({ weight: 1, arbitrary: fc.constant<Step>(step) }),
  ),
)

/** An encoder whose list shows its last entries, and a receiver that puts so many into a block. */
class History {
  readonly trial: Trial
  #life = 0
  #count = 0
  #inits = 0
  #keys = 0
  /** Segments that are not sent yet. */
  #late: string[] = []
  #entries: string[] = []

  constructor(blockEntries: number) {
    this.trial = new Trial(NEVER_STALE, policies([]), undefined, NOTHING_DELETED, blockEntries)
  }

  async take(step: Step): Promise<void> {
    if (step === 'restart') {
      this.#life++
      this.#count = 0
      this.#entries = []
    }
    if (step === 'receiver restart') await this.trial.restart()
    if (step === 'new init') await this.trial.put(`init${++this.#inits}.mp4`, `init ${this.#inits}`)
    if (step === 'new key') await this.trial.put(`${++this.#keys}.key`, `key ${this.#keys}`)
    if (step === 'pause') await this.trial.clock.advance(2 * GAP_MEND_MS + BLOCK_RETRY_MS)
    await this.#segment(step)
    await this.trial.clock.advance(SEGMENT_MS)
  }

  /** Every text in which the recording can be read. */
  async texts(): Promise<Record<string, string | undefined>> {
    const { trial } = this
    const runs = await trial.runs(LIST).catch(() => [])
    const served = await Promise.all(runs.map(async (run) => [run, await trial.served(run)] as const))
    const [vod, event] = [await trial.recordedText(LIST), await trial.recordedText(LIST, 'event')]
    return { vod, event, ...Object.fromEntries(served) }
  }

  get blocks(): number {
    return [...this.trial.journal.entries('A/')].length
  }

  async #segment(step: Step): Promise<void> {
    const name = `a${this.#count++}.ts`
    const body = `${name} of life ${this.#life}`
    if (step === 'late') this.#late.push(name)
    else if (step !== 'lost') await this.trial.put(name, body)
    const [late] = this.#late
    if (late !== undefined && step === 'sent' && this.#count % 5 === 0) {
      this.#late = []
      await this.trial.put(late, `${late} of life ${this.#life}`)
    }
    const map = this.#inits > 0 ? [`#EXT-X-MAP:URI="init${this.#inits}.mp4"`] : []
    const key = this.#keys > 0 ? [`#EXT-X-KEY:METHOD=AES-128,URI="${this.#keys}.key"`] : []
    this.#entries.push([...map, ...key, '#EXTINF:2.000000,', name].join('\n'))
    if (step === 'unlisted') return
    const first = Math.max(0, this.#entries.length - WINDOW)
    const foot = step === 'end' ? ['#EXT-X-ENDLIST'] : []
    await this.trial.put(LIST, mediaList(first, this.#entries.slice(first), ...foot))
  }
}

describe('P5: a recording that is kept in blocks is the same as one that is not', () => {
  test(`whatever happens: ${RUNS} histories`, async () => {
    let blocks = 0
    const seen = new Map<Step, number>()
    await fc.assert(
      fc.asyncProperty(
        fc.array(STEPS, { minLength: 20, maxLength: 60 }),
        fc.integer({ min: 1, max: 7 }),
        async (steps, size) => {
          const [kept, open] = [new History(size), new History(NO_BLOCKS)]
          for (const step of new Set(steps)) seen.set(step, (seen.get(step) ?? 0) + 1)
          for (const [index, step] of [...steps, 'pause' as const, 'sent' as const, 'pause' as const].entries()) {
            await kept.take(step)
            await open.take(step)
            if (index % 3 === 0 || index >= steps.length) expect(await kept.texts()).toEqual(await open.texts())
          }
          if (kept.blocks > 0) blocks++
        },
      ),
      { numRuns: RUNS },
    )
    expect(blocks).toBeGreaterThan(0.7 * RUNS)
    for (const [step, count] of seen) expect([step, count >= RUNS / 10]).toEqual([step, true])
  })
})
