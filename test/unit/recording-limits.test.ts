import { describe, expect, test } from 'vitest'
import { kept, storedNames } from '../support/kept.ts'
import { limited } from '../support/limited.ts'
import { LivePush, WINDOW } from '../support/live-push.ts'
import { mediaList, names } from '../support/trial.ts'

const LIST = 'a.m3u8'
const MINUTE_MS = 60_000

const always = (value: number) => () => value

describe('what is older than it may be', () => {
  test('goes from the recording, the store and the journal, the oldest first, in steps', async () => {
    const trial = await limited({ ms: always(5 * MINUTE_MS) })
    const push = new LivePush(trial)
    await push.send(0, 150)
    expect(await trial.recorded(LIST)).toEqual(names('a', 150))
    await push.send(150, 400)
    expect(push.wrong).toEqual([])
    const recorded = await trial.recorded(LIST)
    expect(recorded).toEqual(names('a', recorded.length, 400 - recorded.length))
    expect(recorded.length).toBeGreaterThanOrEqual(150)
    // A tenth more, and until it is looked at, chosen and unshown for long enough.
    expect(recorded.length).toBeLessThan(165 + 60)
    const ts = (await storedNames(trial)).filter((name) => name.endsWith('.ts'))
    expect(ts.length).toBeLessThan(165 + 90)
    const here = await kept(trial)
    expect(here.journal.filter((key) => /^[sn]\//.test(key)).length).toBeLessThan(165 + 90)
    expect(here.journal.filter((key) => /^[RF]\//.test(key))).toEqual([])
  })

  test('goes with its runs when nothing of them is left', async () => {
    const trial = await limited({ ms: always(5 * MINUTE_MS) })
    const push = new LivePush(trial)
    await push.send(0, 20)
    await trial.clock.advance(70_000)
    await push.send(0, 20, { mark: ' of the second run' })
    const [first = '', second] = await trial.runs(LIST)
    expect(await trial.stored(first)).toContain('a0.ts')
    await push.send(20, 250, { mark: ' of the second run' })
    expect(push.wrong).toEqual([])
    expect(await trial.runs(LIST)).toEqual([second])
    expect(await trial.stored(first)).toBeUndefined()
    expect(await storedNames(trial)).not.toContain('a0.ts')
  })

  test('takes init sections along that nothing else needs, and no others', async () => {
    const trial = await limited({ ms: always(5 * MINUTE_MS) })
    const put = async (init: string, from: number, to: number) => {
      await trial.put(init, init)
      for (let number = from; number < to; number++) {
        await trial.put(`a${number}.m4s`, `a${number}.m4s`)
        const first = Math.max(from, number - WINDOW + 1)
        const own = names('a', number - first + 1, first).map((name) => name.replace('.ts', '.m4s'))
        await trial.put(LIST, mediaList(first, [`#EXT-X-MAP:URI="${init}"`, ...own]))
        await trial.clock.advance(2_000)
      }
    }
    await put('a_1.mp4', 0, 50)
    await put('a_2.mp4', 50, 190)
    expect(await storedNames(trial)).toContain('a_1.mp4')
    await put('a_2.mp4', 190, 300)
    expect(await storedNames(trial)).not.toContain('a_1.mp4')
    expect(await storedNames(trial)).toContain('a_2.mp4')
    await expect(trial.recorded(LIST)).resolves.toContain('a_2.mp4/a299.m4s')
  })

  test('stays where the same file is named again later', async () => {
    const trial = await limited({ ms: always(5 * MINUTE_MS) })
    await trial.put('slate.ts', 'slate')
    for (let number = 0; number < 300; number++) {
      await trial.put(`a${number}.ts`, `a${number}.ts`)
      const first = Math.max(0, number - WINDOW + 1)
      const own = names('a', number - first + 1, first).map((name) => (/[05]0\.ts/.test(name) ? 'slate.ts' : name))
      await trial.put(LIST, mediaList(first, own))
      await trial.clock.advance(2_000)
    }
    const recorded = await trial.recorded(LIST)
    expect(recorded.length).toBeLessThan(225)
    expect(recorded).toContain('slate')
  })

  test('stays as long as the store still has a list that shows it', async () => {
    const trial = await limited({ ms: always(5 * MINUTE_MS) })
    const push = new LivePush(trial)
    await push.send(0, 20)
    const put = trial.store.put.bind(trial.store)
    let isDown = true
    trial.store.put = async (key, body, options) => {
      if (isDown && key.endsWith('.m3u8')) throw new Error('down')
      await put(key, body, options)
    }
    await push.send(20, 300)
    expect(await storedNames(trial)).toContain('a19.ts')
    expect(push.wrong).toEqual([])
    isDown = false
    await push.send(300, 400)
    expect(await storedNames(trial)).not.toContain('a19.ts')
    expect(push.wrong).toEqual([])
  })

  test('stays as long as the store still has a run that leads to it', async () => {
    const trial = await limited({ ms: always(5 * MINUTE_MS) })
    const push = new LivePush(trial)
    await push.send(0, 160)
    const [run = ''] = await trial.runs(LIST)
    expect(await trial.stored(run)).toContain('a0.ts')
    const put = trial.store.put.bind(trial.store)
    let isDown = true
    trial.store.put = async (key, body, options) => {
      if (isDown && key.endsWith(run)) await new Promise<void>((resolve) => void trial.clock.after(MINUTE_MS, resolve))
      await put(key, body, options)
    }
    await push.send(160, 230)
    expect(push.wrong).toEqual([])
    isDown = false
    await push.send(230, 260)
    expect(await storedNames(trial)).not.toContain('a0.ts')
    expect(push.wrong).toEqual([])
  })

  test('goes as a whole when nothing came of a playlist for so long', async () => {
    const trial = await limited({ ms: always(5 * MINUTE_MS) })
    const push = new LivePush(trial)
    await push.send(0, 20, { foot: ['#EXT-X-ENDLIST'] })
    await trial.clock.advance(4 * MINUTE_MS)
    expect(await trial.recorded(LIST)).toEqual(names('a', 20))
    await trial.clock.advance(6 * MINUTE_MS)
    expect(await kept(trial)).toEqual({ journal: ['U/'], store: [], bodies: [] })
  })

  test('stays when its encoder comes back before it goes', async () => {
    const trial = await limited({ ms: always(5 * MINUTE_MS) })
    const push = new LivePush(trial)
    await push.send(0, 20, { foot: ['#EXT-X-ENDLIST'] })
    // Chosen by now: it waits for what may still come.
    await trial.clock.advance(6 * MINUTE_MS)
    expect(await trial.served(LIST)).toBeDefined()
    await push.send(20, 30)
    await push.watch(2 * MINUTE_MS)
    expect((await trial.recorded(LIST)).slice(-10)).toEqual(
      names('a', 10, 20).map((name, at) => (at === 0 ? expect.stringContaining(name) : name)),
    )
    expect(push.wrong).toEqual([])
  })

  test('stays in a list that names everything, until that is old as a whole', async () => {
    const trial = await limited({ ms: always(MINUTE_MS) })
    for (let number = 1; number <= 100; number++) {
      await trial.put(`a${number - 1}.ts`, `a${number - 1}.ts`)
      await trial.put(LIST, mediaList(0, names('a', number)))
      await trial.clock.advance(2_000)
    }
    expect(await trial.played(LIST)).toEqual(names('a', 100))
    await trial.clock.advance(10 * MINUTE_MS)
    expect(await storedNames(trial)).toEqual([])
  })
})
