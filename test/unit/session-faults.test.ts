import { describe, expect, test } from 'vitest'
import { ReceiverError } from '../../src/core/errors.ts'
import { JOB_RETRY_MAX_MS, SESSION_RETRY_MS, SESSION_SETTLE_MS } from '../../src/core/limits.ts'
import type { RecordingQuery } from '../../src/core/management/management.ts'
import { keys, toBytes } from '../../src/core/records.ts'
import { APP, type MadeSettings, MadeTrial, madeTrial, STALE_MS } from '../support/made-trial.ts'
import { mediaList, Trial } from '../support/trial.ts'

const END = '#EXT-X-ENDLIST'
const MP4: MadeSettings = { rules: { isOn: (_app, _stream, format) => format === 'mp4' } }
const QUERY: RecordingQuery = { format: 'mp4', height: 0 }
const MANY_NAMES = 10_001

describe('a part of a recording', () => {
  test('is complete although another rendition has ended', async () => {
    const { made, send } = madeTrial({})
    const { management } = made.productions
    await send('cam_240p', 1, 3, END)
    await send('cam_480p', 1, 3)
    await management.switchRecording(APP, 'cam', true, QUERY)
    await send('cam_480p', 3, 5)
    await management.switchRecording(APP, 'cam', false, QUERY)
    await send('cam_480p', 5, 9)
    expect(await made.files()).toEqual({ 'cam_480p.mp4': 'cam_480p3.ts cam_480p4.ts cam_480p5.ts' })
  })

  test('has nothing of a rendition that began when it was ended', async () => {
    const { trial, made, send } = madeTrial({})
    const { management } = made.productions
    await send('cam_480p', 1, 3)
    await management.switchRecording(APP, 'cam', true, QUERY)
    await management.switchRecording(APP, 'cam', false, QUERY)
    await send('cam_240p', 1, 9, END)
    await send('cam_480p', 3, 4, END)
    await trial.clock.advance(SESSION_SETTLE_MS)
    expect(await made.files()).toEqual({ 'cam_480p.mp4': 'cam_480p3.ts' })
  })

  test('has nothing of the next run of an encoder that dates its names', async () => {
    const { trial, made, send } = madeTrial({})
    const { management } = made.productions
    const [first, second] = ['cam-2026-11-28_10-00-00.000', 'cam-2026-11-28_10-00-20.000']
    await send(first, 1, 3)
    await management.switchRecording(APP, 'cam', true, QUERY)
    await send(first, 3, 5)
    await management.switchRecording(APP, 'cam', false, QUERY)
    await send(second, 1, 10, END)
    await trial.clock.advance(2 * STALE_MS + SESSION_SETTLE_MS)
    expect(await made.files()).toEqual({ 'cam.mp4': `${first}3.ts ${first}4.ts` })
  })

  test('of all renditions is not ended by a request for one', async () => {
    const { made, send } = madeTrial({})
    const { management } = made.productions
    await send('cam_480p', 1, 3)
    await send('cam_240p', 1, 3)
    await management.switchRecording(APP, 'cam', true, QUERY)
    expect(await management.switchRecording(APP, 'cam', false, { ...QUERY, height: 240 })).toMatchObject({
      success: false,
    })
    expect(await management.switchRecording(APP, 'cam', true, { ...QUERY, height: 240 })).toMatchObject({
      success: false,
    })
    expect(await management.switchRecording(APP, 'cam', false, QUERY)).toMatchObject({ success: true })
  })

  test('that is begun when its stream has just ended is one of the next time', async () => {
    const { trial, made, send } = madeTrial({})
    await send('cam', 1, 3, END)
    const result = await made.productions.management.switchRecording(APP, 'cam', true, QUERY)
    expect(result).toMatchObject({ success: true, dataId: null })
    await trial.clock.advance(SESSION_SETTLE_MS)
    await send('cam', 1, 3, 'again', END)
    await trial.clock.advance(SESSION_SETTLE_MS)
    expect(await made.files()).toEqual({ 'cam.mp4': 'cam3.ts cam4.ts' })
  })
})

describe('the end of a session', () => {
  test('does not depend on how many files have its name', async () => {
    const { trial, made, send } = madeTrial(MP4)
    const taken = Array.from({ length: MANY_NAMES }, (_, index) => ({
      key: keys.taken(APP, index === 0 ? 'cam.mp4' : `cam_${index}.mp4`),
      value: toBytes('vod'),
    }))
    await trial.journal.commit(taken)
    await send('cam', 1, 3, END)
    await trial.clock.advance(SESSION_SETTLE_MS)
    expect(Object.keys(await made.files())).toEqual([`cam_${MANY_NAMES}.mp4`])
  })

  test('that cannot be noted costs no name', async () => {
    const { trial, made, send } = madeTrial(MP4)
    await send('cam', 1, 3, END)
    const commit = trial.journal.commit.bind(trial.journal)
    trial.journal.commit = async () => {
      throw new ReceiverError('disk-full')
    }
    await trial.clock.advance(SESSION_SETTLE_MS + 3 * SESSION_RETRY_MS)
    trial.journal.commit = commit
    await trial.clock.advance(2 * SESSION_RETRY_MS)
    expect(Object.keys(await made.files())).toEqual(['cam.mp4'])
  })

  test('waits for all of the settling, also where it was to be looked at before', async () => {
    const { trial, made, send } = madeTrial(MP4)
    await send('cam', 1, 3)
    await trial.clock.advance(STALE_MS - 1_000)
    await send('cam', 3, 4)
    await trial.clock.advance(900)
    await send('cam', 4, 5, END)
    await trial.clock.advance(200)
    await send('cam', 1, 3, 'again', END)
    await trial.clock.advance(SESSION_SETTLE_MS)
    expect(Object.keys(await made.files())).toEqual(['cam.mp4'])
  })

  test('does not count the time in which the receiver was down', async () => {
    for (const action of ['end', 'keep'] as const) {
      const { trial, made, send } = madeTrial({ ...MP4, stale: { afterMs: STALE_MS, action } })
      await send('cam', 1, 3)
      trial.clock.forget()
      await trial.clock.advance(2 * STALE_MS)
      await made.restart()
      await trial.clock.advance(2 * SESSION_SETTLE_MS)
      await send('cam', 3, 5, END)
      await trial.clock.advance(SESSION_SETTLE_MS)
      expect(await made.files()).toEqual({ 'cam.mp4': 'cam1.ts cam2.ts cam3.ts cam4.ts' })
    }
  })

  test('of long ago, which a receiver finds in a bucket that it takes over, is none', async () => {
    const trial = new Trial({ afterMs: STALE_MS, action: 'end' })
    const made = new MadeTrial(trial, MP4)
    made.productions.begin()
    await trial.segments(['cam1.ts', 'cam2.ts'])
    await trial.put('cam.m3u8', mediaList(1, ['cam1.ts', 'cam2.ts'], END))
    await trial.clock.advance(10 * STALE_MS)
    await trial.loseDisk()
    made.events.length = 0
    // The first life after it has a follower, too.
    const restart = trial.restart.bind(trial)
    trial.restart = () => Promise.resolve()
    await trial.takeOver()
    trial.restart = restart
    await made.restart()
    await trial.clock.advance(3 * STALE_MS)
    expect(await trial.recorded('cam.m3u8')).toEqual(['cam1.ts', 'cam2.ts'])
    expect(made.actions).toEqual([])
  })
})

describe('a job', () => {
  test('waits for a journal that is full for long, and costs no file', async () => {
    const { trial, made, send } = madeTrial(MP4)
    await send('cam', 1, 3, END)
    const commit = trial.journal.commit.bind(trial.journal)
    made.maker.before = async () => {
      trial.journal.commit = async () => {
        throw new ReceiverError('disk-full')
      }
    }
    await trial.clock.advance(SESSION_SETTLE_MS + 300_000)
    trial.journal.commit = commit
    made.maker.before = async () => {}
    await trial.clock.advance(10 * JOB_RETRY_MAX_MS)
    expect(await made.files()).toEqual({ 'cam.mp4': 'cam1.ts cam2.ts' })
  })

  test('that hangs in an upload holds up neither the removal of its file nor the stop', async () => {
    const { trial, made, send } = madeTrial({ ...MP4, toBucket: ['vod'] })
    made.products.upload = (_kind, _app, _name, { signal }) =>
      new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new Error('aborted'))))
    await send('cam', 1, 3, END)
    await send('other', 1, 3, END)
    await trial.clock.advance(SESSION_SETTLE_MS)
    const [vod] = made.productions.vods.list(APP, { offset: 0, size: 1 })
    const hangs = () => trial.clock.advance(10 * STALE_MS).then(() => 'hangs')
    const removal = made.productions.management.removeVod(APP, vod?.vodId ?? '')
    expect(await Promise.race([removal.then(() => 'removed'), hangs()])).toBe('removed')
    expect(await Promise.race([made.productions.stop().then(() => 'stopped'), hangs()])).toBe('stopped')
  })
})
