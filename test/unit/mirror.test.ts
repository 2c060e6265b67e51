import { describe, expect, test } from 'vitest'
import { parsePlaylistRecord } from '../../src/core/playlist-record.ts'
import { keys } from '../../src/core/records.ts'
import { shownFiles } from '../../src/core/removal/shown-files.ts'
import { dangling } from '../support/dangling.ts'
import { Interruptions } from '../support/interruptions.ts'
import { kept, storedNames } from '../support/kept.ts'
import { mirroring } from '../support/mirroring.ts'
import { mediaList, names, type Trial } from '../support/trial.ts'

const LIST = 'a.m3u8'
/** Entries of the live list. */
const SIZE = 3

/** Looks for what playlists lead to and nobody gets, at each step of a push; the recording counts as a playlist, too. */
class Push {
  readonly wrong: string[] = []
  readonly #trial: Trial
  readonly #mark: string

  constructor(trial: Trial, mark = '') {
    this.#trial = trial
    this.#mark = mark
  }

  /** Sends segments as ffmpeg does with delete_segments: the DELETE of one comes before the list that names it no more. */
  async send(from: number, to: number, lists: readonly string[] = [LIST]): Promise<void> {
    for (let number = from; number < to; number++) {
      await this.#trial.put(`a${number}.ts`, `a${number}.ts${this.#mark}`)
      const first = Math.max(0, number - SIZE + 1)
      if (first >= 2) await this.#trial.delete(`a${first - 2}.ts`)
      await this.#trial.put(LIST, mediaList(first, names('a', number - first + 1, first)))
      await this.watch(2_000, lists)
    }
  }

  async watch(ms: number, lists: readonly string[] = [LIST]): Promise<void> {
    for (let at = 0; at < ms; at += 1_000) {
      await this.#trial.clock.advance(1_000)
      this.wrong.push(...(await dangling(this.#trial, lists)))
      await this.#trial.recorded(LIST).catch((error: unknown) => this.wrong.push(`recording: ${String(error)}`))
    }
  }
}

const firstNumber = async (trial: Trial) =>
  Number(/MEDIA-SEQUENCE:(\d+)/.exec((await trial.recordedText(LIST)) ?? '')?.[1])

describe('a segment that its encoder deletes', () => {
  test('goes late, from the store and from the recording, which then begins later', async () => {
    const trial = await mirroring()
    const push = new Push(trial)
    await push.send(0, 60)
    expect(push.wrong).toEqual([])
    const first = await firstNumber(trial)
    expect(first).toBeGreaterThan(20)
    // What has left the list is there for the length of its window, and until somebody looks.
    expect(first).toBeLessThan(58 - 2 * SIZE)
    const recorded = await trial.recorded(LIST)
    expect(recorded).toEqual(names('a', 60 - first, first))
    await trial.clock.advance(60_000)
    const here = await storedNames(trial)
    expect(here).toEqual([LIST, ...names('a', 60).slice(56)].sort())
    expect(await trial.recorded(LIST)).toEqual(names('a', 60).slice(56))
    expect((await kept(trial)).journal.filter((key) => /^(?:[nsuDFRW]\/)/.test(key))).toHaveLength(4)
  })

  test('stays where an archive is kept', async () => {
    const trial = await mirroring(false)
    const push = new Push(trial)
    await push.send(0, 30)
    await push.watch(120_000)
    expect(await trial.recorded(LIST)).toEqual(names('a', 30))
  })

  test('stays as long as a list names it', async () => {
    const trial = await mirroring()
    await trial.segments(names('a', 4))
    await trial.put(LIST, mediaList(0, names('a', 3)))
    await trial.delete('a0.ts')
    const push = new Push(trial)
    await push.watch(180_000)
    expect(await trial.played(LIST)).toEqual(names('a', 3))
    await trial.put(LIST, mediaList(1, names('a', 3, 1)))
    await push.watch(5_000)
    expect(await trial.recorded(LIST)).toEqual(names('a', 4))
    await push.watch(60_000)
    expect(await trial.recorded(LIST)).toEqual(names('a', 3, 1))
    expect(await storedNames(trial)).not.toContain('a0.ts')
    expect(push.wrong).toEqual([])
  })

  test('stays for as long as a window plays after it has left', async () => {
    const trial = await mirroring()
    await trial.segments(names('a', 31))
    await trial.put(LIST, mediaList(0, names('a', 30)))
    await trial.delete('a0.ts')
    await trial.put(LIST, mediaList(1, names('a', 30, 1)))
    const push = new Push(trial)
    await push.watch(60_000)
    expect(await trial.recorded(LIST)).toEqual(names('a', 31))
    expect(await storedNames(trial)).toContain('a0.ts')
    await push.watch(60_000)
    expect(await storedNames(trial)).not.toContain('a0.ts')
  })

  test('is shown by a list that waits for another, as long as the one before is served', async () => {
    const trial = await mirroring()
    await trial.segments(names('a', 3))
    await trial.put(LIST, mediaList(0, names('a', 3)))
    await trial.put(LIST, mediaList(1, names('a', 3, 1)))
    const bytes = trial.journal.get(keys.playlist('live', LIST))
    const record = bytes && parsePlaylistRecord(bytes)
    if (record?.kind !== 'media') throw new Error('no media playlist')
    expect([...shownFiles(record, LIST).names].sort()).toEqual(names('a', 3))
  })

  test('stays as long as the list in the store names it', async () => {
    const trial = await mirroring()
    await trial.segments(names('a', 4))
    await trial.put(LIST, mediaList(0, names('a', 3)))
    await trial.clock.advance(5_000)
    const put = trial.store.put.bind(trial.store)
    let isDown = true
    trial.store.put = async (key, body, options) => {
      if (isDown && key.endsWith(LIST)) await new Promise<void>((resolve) => void trial.clock.after(300_000, resolve))
      await put(key, body, options)
    }
    await trial.delete('a0.ts')
    await trial.put(LIST, mediaList(1, names('a', 3, 1)))
    const push = new Push(trial)
    await push.watch(120_000)
    expect(await storedNames(trial)).toContain('a0.ts')
    isDown = false
    await push.watch(300_000)
    expect(await storedNames(trial)).not.toContain('a0.ts')
    expect(push.wrong).toEqual([])
  })

  test('goes when it has come, where a list showed its ranges before', async () => {
    const trial = await mirroring()
    const upload = trial.begin('a.ts')
    await upload.send('0123456789')
    for (const from of [0, 5]) {
      await trial.put(LIST, mediaList(from / 5, [`#EXT-X-BYTERANGE:5@${from}`, 'a.ts']))
      await trial.clock.advance(2_000)
    }
    await trial.delete('a.ts')
    await trial.segments(['b0.ts'])
    await trial.put(LIST, mediaList(2, ['b0.ts']))
    await trial.clock.advance(120_000)
    await upload.end()
    await trial.clock.advance(120_000)
    expect(await storedNames(trial)).toEqual([LIST, 'b0.ts'])
  })

  test('goes after a restart of the receiver, too', async () => {
    const trial = await mirroring()
    const push = new Push(trial)
    await push.send(0, 10)
    await trial.restart()
    await push.watch(60_000)
    expect(await trial.recorded(LIST)).toEqual(names('a', 10).slice(6))
    expect(push.wrong).toEqual([])
  })

  test('leaves a break where something is cut out, and runs in the store without it', async () => {
    const trial = await mirroring()
    await new Push(trial).send(0, 8)
    await trial.clock.advance(120_000)
    const push = new Push(trial, ' anew')
    await push.send(0, 4)
    const [first = ''] = await trial.runs(LIST)
    expect(await trial.stored(first)).toContain('a4.ts')
    await push.send(4, 9, [LIST, first])
    await push.watch(60_000, [LIST, first])
    expect(await trial.stored(first)).not.toContain('a4.ts')
    expect(await trial.stored(first)).toContain('a7.ts')
    await push.send(9, 12, [LIST, first])
    await push.watch(120_000, [LIST, first])
    expect(push.wrong).toEqual([])
    // The last ones of each run were not deleted, but for those that the next run deleted under the same names.
    expect(await trial.recorded(LIST)).toEqual(['a8.ts', 'a9.ts', 'a10.ts', 'a11.ts'].map((name) => `${name} anew`))
    expect(await trial.runs(LIST)).toHaveLength(1)
    expect(await storedNames(trial)).not.toContain(first)
  })

  test('leaves a break in the middle of a recording', async () => {
    const trial = await mirroring()
    for (let number = 0; number < 10; number++) {
      await trial.segments([`a${number}.ts`])
      await trial.put(
        LIST,
        mediaList(Math.max(0, number - 1), names('a', 2, Math.max(0, number - 1)).slice(0, number + 1)),
      )
    }
    for (const name of ['a3.ts', 'a4.ts']) await trial.delete(name)
    const all = names('a', 10)
    const seen = new Set<string>()
    for (let second = 0; second < 90; second++) {
      await trial.clock.advance(1_000)
      // A kill while it is on its way changes nothing.
      if (seen.size === 2) await trial.restart()
      seen.add((await trial.recorded(LIST)).join())
    }
    expect([...seen]).toEqual([all.join(), [...all.slice(0, 3), '- a5.ts', ...all.slice(6)].join()])
  })

  test('is the file that came before the DELETE: one that comes again stays', async () => {
    const trial = await mirroring()
    await trial.segments(names('a', 4))
    await trial.put(LIST, mediaList(0, names('a', 3)))
    await trial.put(LIST, mediaList(1, names('a', 3, 1)))
    await trial.delete('a0.ts')
    await trial.segments(['a0.ts'])
    await trial.clock.advance(120_000)
    expect(await storedNames(trial)).toContain('a0.ts')
  })

  test('of a name that never came is nothing', async () => {
    const trial = await mirroring()
    const before = await kept(trial)
    await trial.delete('never.ts')
    await trial.delete('never.m3u8')
    expect(await kept(trial)).toEqual(before)
  })

  test('is none of another key', async () => {
    const trial = await mirroring()
    await trial.put('a0.ts', 'of a', 'a')
    await trial.put('a1.ts', 'of a', 'a')
    await trial.put(LIST, mediaList(1, ['a1.ts']), 'a')
    await trial.delete('a0.ts', 'b')
    await trial.clock.advance(120_000)
    expect(await storedNames(trial)).toContain('a0.ts')
  })

  test('is not removed twice, or half, however the receiver is killed', async () => {
    const story = async () => {
      const trial = await mirroring()
      await new Push(trial).send(0, 8)
      return trial
    }
    const counted = await story()
    const counting = new Interruptions(counted)
    await counted.clock.advance(120_000)
    const { changes } = counting
    expect(changes).toBeGreaterThan(5)
    for (let at = 1; at <= changes; at++) {
      const trial = await story()
      const interruptions = new Interruptions(trial)
      interruptions.interrupt(at, at % 2 === 0 ? 'before' : 'after')
      await trial.clock.advance(60_000)
      interruptions.end()
      await trial.restart()
      const push = new Push(trial)
      await push.watch(120_000)
      expect(push.wrong, `killed at change ${at}`).toEqual([])
      expect(await trial.recorded(LIST), `killed at change ${at}`).toEqual(names('a', 8).slice(4))
      expect(await storedNames(trial)).toEqual([LIST, ...names('a', 8).slice(4)].sort())
    }
  })
})
