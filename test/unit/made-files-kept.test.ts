import { describe, expect, test } from 'vitest'
import { SESSION_SETTLE_MS } from '../../src/core/limits.ts'
import { StorageError } from '../../src/core/object-store.ts'
import { type DeletionRules, NO_LIMITS, NOTHING_DELETED } from '../../src/core/removal/deletion-rule.ts'
import { settled } from '../support/fake-clock.ts'
import { APP, type MadeSettings, type MadeTrial, madeTrial } from '../support/made-trial.ts'
import { mediaList, names } from '../support/trial.ts'

const END = '#EXT-X-ENDLIST'
const MP4: MadeSettings = { rules: { isOn: (_app, _stream, format) => format === 'mp4' } }
const MINUTE_MS = 60_000
const WINDOW = 3

const mirror: DeletionRules = { ...NOTHING_DELETED, afterMs: MINUTE_MS, isMirror: () => true }
const limits = (own: Partial<typeof NO_LIMITS>): DeletionRules => ({
  ...NOTHING_DELETED,
  limits: { ...NO_LIMITS, ...own, areSet: true },
})

/** What may remove what was recorded while a file is still to be made of it. */
const REMOVALS: [string, DeletionRules][] = [
  ['its encoder deletes', mirror],
  ['is older than it may be', limits({ ms: () => MINUTE_MS })],
  ['is more than its stream may take', limits({ bytes: () => 100 })],
  ['is more than its app may take', limits({ appBytes: () => 100 })],
]

/** A receiver that removes what it may. */
async function removing(settings: MadeSettings, deletion: DeletionRules) {
  const all = madeTrial(settings, deletion)
  const { trial, made } = all
  await made.restart()
  /** Sends segments as an encoder does that deletes what has left its list, one every 2 s. */
  const push = async (from: number, to: number, ...foot: string[]) => {
    for (let number = from; number < to; number++) {
      const first = Math.max(0, number - WINDOW + 1)
      await trial.put(`cam${number}.ts`, `cam${number}.ts`)
      if (first > 0) await trial.delete(`cam${first - 1}.ts`)
      const shown = names('cam', number - first + 1, first)
      await trial.put('cam.m3u8', mediaList(first, shown, ...(number === to - 1 ? foot : [])))
      await trial.clock.advance(2_000)
    }
  }
  const left = async () => (await trial.recorded('cam.m3u8')).length
  return { ...all, push, left }
}

/** Has files made once the returned function is called. */
function held({ maker }: MadeTrial): () => void {
  let go = () => {}
  const asked = new Promise<void>((resolve) => {
    go = resolve
  })
  maker.before = () => asked
  return go
}

const sent = (count: number) => names('cam', count).join(' ')

describe.each(REMOVALS)('what %s', (_what, deletion) => {
  test('stays until the file of its session is made, and goes then', async () => {
    const { trial, made, push, left } = await removing(MP4, deletion)
    await push(0, 120)
    expect(await left()).toBe(120)
    await push(120, 121)
    const go = held(made)
    await trial.put('cam.m3u8', mediaList(118, names('cam', 3, 118), END))
    await trial.clock.advance(SESSION_SETTLE_MS + 5 * MINUTE_MS)
    expect(await left()).toBe(121)
    go()
    await settled()
    expect(await made.files()).toEqual({ 'cam.mp4': sent(121) })
    await trial.clock.advance(10 * MINUTE_MS)
    expect(await trial.recordedText('cam.m3u8').then((text) => text?.includes('cam0.ts') ?? false)).toBe(false)
  })

  test('goes while nothing is to be made of it, pictures notwithstanding', async () => {
    const { push, left } = await removing({ previews: { isOn: () => true } }, deletion)
    await push(0, 120)
    expect(await left()).toBeLessThan(100)
  })
})

test('what is too old goes up to where a recording was switched on, and no further', async () => {
  const { trial, made, push, left } = await removing({}, limits({ ms: () => MINUTE_MS }))
  await push(0, 10)
  await made.productions.management.switchRecording(APP, 'cam', true, { format: 'mp4', height: 0 })
  await push(10, 120)
  expect(await left()).toBe(110)
  await push(120, 121, END)
  await trial.clock.advance(SESSION_SETTLE_MS)
  expect(await made.files()).toEqual({ 'cam.mp4': names('cam', 111, 10).join(' ') })
})

test('a playlist that its encoder deletes goes when the file of it is made', async () => {
  const { trial, made, push, left } = await removing(MP4, mirror)
  const go = held(made)
  await push(0, 5, END)
  await trial.delete('cam.m3u8')
  await trial.clock.advance(10 * MINUTE_MS)
  expect(await left()).toBe(5)
  go()
  await trial.clock.advance(2 * MINUTE_MS)
  expect(await made.files()).toEqual({ 'cam.mp4': sent(5) })
  expect(await trial.recordedText('cam.m3u8')).toBeUndefined()
})

test('a stream that has ended stays when a file is asked for while others are made to lead there no more', async () => {
  const onEnded = (_app: string, name: string) => name.startsWith('cam')
  const { trial, made, send, left } = await removing({}, { ...NOTHING_DELETED, onEnded, afterMs: MINUTE_MS })
  await send('other', 0, 3)
  await send('cam', 0, 3, END)
  const variants = ['cam', 'other'].map((name) => `#EXT-X-STREAM-INF:BANDWIDTH=1\n${name}.m3u8\n`)
  await trial.put('all.m3u8', `#EXTM3U\n${variants.join('')}`)
  await settled()
  const put = trial.store.put.bind(trial.store)
  trial.store.put = async () => {
    throw new StorageError('unavailable', true)
  }
  await trial.clock.advance(MINUTE_MS + 10_000)
  expect(await trial.served('all.m3u8')).not.toContain('cam.m3u8')
  const go = held(made)
  await made.productions.management.hlsToMp4(APP, 'cam', { deleteHls: false })
  trial.store.put = put
  await trial.clock.advance(10 * MINUTE_MS)
  expect(await left()).toBe(3)
  go()
  await trial.clock.advance(10 * MINUTE_MS)
  expect(await made.files()).toEqual({ 'cam.mp4': sent(3) })
  expect(await trial.recordedText('cam.m3u8')).toBeUndefined()
})

test('a recording that is about to go for its age stays when a file is asked for', async () => {
  const { trial, made, push, left } = await removing({}, limits({ ms: () => MINUTE_MS }))
  await push(0, 3, END)
  await trial.clock.advance(2 * MINUTE_MS)
  const go = held(made)
  await made.productions.management.hlsToMp4(APP, 'cam', { deleteHls: false })
  await trial.clock.advance(10 * MINUTE_MS)
  expect(await left()).toBe(3)
  go()
  await trial.clock.advance(10 * MINUTE_MS)
  expect(await made.files()).toEqual({ 'cam.mp4': sent(3) })
  expect(await trial.recordedText('cam.m3u8')).toBeUndefined()
})

test('of an app that takes too much another stream goes where the oldest is needed', async () => {
  const { trial, made, push, send, left } = await removing(
    { rules: { isOn: (_app, stream, format) => stream === 'cam' && format === 'mp4' } },
    limits({ appBytes: () => 30 }),
  )
  held(made)
  await push(0, 3, END)
  await trial.clock.advance(SESSION_SETTLE_MS)
  await send('other', 0, 3, END)
  await trial.clock.advance(20 * MINUTE_MS)
  expect(await left()).toBe(3)
  expect(await trial.recordedText('other.m3u8')).toBeUndefined()
})
