import { describe, expect, test } from 'vitest'
import { JobError } from '../../src/core/jobs/job.ts'
import { JOB_RETRY_MS, REMOVAL_RETRY_MS, SESSION_SETTLE_MS } from '../../src/core/limits.ts'
import { StorageError } from '../../src/core/object-store.ts'
import { NOTHING_DELETED } from '../../src/core/removal/deletion-rule.ts'
import { settled } from '../support/fake-clock.ts'
import { APP, type MadeSettings, madeTrial, push, STALE_MS } from '../support/made-trial.ts'

const END = '#EXT-X-ENDLIST'
const MP4: MadeSettings = { rules: { isOn: (_app, _stream, format) => format === 'mp4' } }
const PICTURES: MadeSettings = { previews: { isOn: () => true } }

describe('a file that is made', () => {
  test('is made once more after a crash, under the name that it was given, and known once', async () => {
    const all = madeTrial(MP4)
    const { trial, made } = all
    made.maker.before = () => new Promise(() => {})
    await push(all, 'cam')
    expect(made.maker.orders).toHaveLength(1)
    await made.restart()
    made.maker.before = async () => {}
    await made.restart()
    expect(await made.files()).toEqual({ 'cam.mp4': 'cam1.ts cam2.ts' })
    expect([...made.products.disk.keys()]).toEqual(['vod/live/cam.mp4'])
    await made.restart()
    await trial.clock.advance(STALE_MS)
    expect(made.actions.filter((each) => each === 'vodReady')).toHaveLength(1)
  })

  test('has a name that nothing had, neither a file nor what was uploaded, and keeps it for good', async () => {
    const all = madeTrial(MP4)
    const { trial, made } = all
    await trial.put('cam.mp4', 'an init section')
    await push(all, 'cam')
    await push(all, 'cam', 'again')
    expect(Object.keys(await made.files())).toEqual(['cam_1.mp4', 'cam_2.mp4'])
    await trial.put('cam_1.mp4', 'uploaded later')
    expect(await trial.served('cam_1.mp4')).toBeUndefined()
    const { management, vods } = made.productions
    const [first] = vods.list(APP, { offset: 0, size: 1 })
    expect(await management.removeVod(APP, first?.vodId ?? '')).toMatchObject({ success: true, message: 'vod deleted' })
    expect(await management.removeVod(APP, first?.vodId ?? '')).toMatchObject({ success: false })
    await push(all, 'cam', 'third')
    expect(Object.keys(await made.files())).toEqual(['cam_2.mp4', 'cam_3.mp4'])
    expect([...made.products.disk.keys()]).toEqual(['vod/live/cam_2.mp4', 'vod/live/cam_3.mp4'])
  })

  test('has its rendition, its date-time and its sub-folder in its name', async () => {
    const naming = { subfolder: 'mp4/', isDated: () => true, zone: 'Europe/Berlin' }
    const all = madeTrial({ ...MP4, naming })
    await push(all, 'room/cam_240p500kbps')
    const [name = ''] = Object.keys(await all.made.files())
    expect(name).toMatch(/^room\/mp4\/cam-2026-11-22_01-00-\d\d\.\d{3}_240p500kbps\.mp4$/)
  })

  test('is told of when it is in the bucket, not before, also when that is down for long', async () => {
    const all = madeTrial({ ...MP4, toBucket: ['vod'] })
    const { trial, made } = all
    const upload = made.products.upload.bind(made.products)
    made.products.upload = async () => {
      throw new StorageError('unavailable', true)
    }
    await push(all, 'cam')
    await trial.clock.advance(100 * STALE_MS)
    expect(await made.files()).toEqual({ 'cam.mp4': 'cam1.ts cam2.ts' })
    expect(made.actions).not.toContain('vodReady')
    expect(made.productions.management.jobs(APP)).toMatchObject([
      { state: 'waiting', file: 'cam.mp4', streamId: 'cam', error: { code: 'storage-unavailable' } },
    ])
    await made.restart()
    made.products.upload = upload
    await trial.clock.advance(100 * STALE_MS)
    expect([...made.products.bucket.keys()]).toEqual(['vod/live/cam.mp4'])
    expect(made.actions.slice(-2)).toEqual(['uploadCompleted', 'vodReady'])
  })

  test('that is removed while its upload waits is not brought back', async () => {
    const all = madeTrial({ ...MP4, toBucket: ['vod'] })
    const { trial, made } = all
    const upload = made.products.upload.bind(made.products)
    made.products.upload = async () => {
      throw new StorageError('unavailable', true)
    }
    await push(all, 'cam')
    const [vod] = made.productions.vods.list(APP, { offset: 0, size: 1 })
    await made.productions.management.removeVod(APP, vod?.vodId ?? '')
    made.products.upload = upload
    await trial.clock.advance(100 * STALE_MS)
    expect(made.products.bucket.size + made.products.disk.size).toBe(0)
  })

  test('is not made of what nobody can read, and that is told with its code', async () => {
    const all = madeTrial(MP4)
    all.made.maker.before = async () => {
      throw new JobError('ffmpeg-failed', 'ffmpeg failed.', { retryable: false })
    }
    await push(all, 'cam')
    const { management } = all.made.productions
    const [job] = management.jobs(APP)
    expect(job).toMatchObject({ state: 'failed', error: { code: 'ffmpeg-failed' }, file: 'cam.mp4' })
    expect(management.jobs('other')).toEqual([])
    expect(await management.cancelJob('other', job?.id ?? '')).toBe(false)
    expect(await management.cancelJob(APP, job?.id ?? '')).toBe(true)
    expect(management.jobs(APP)).toEqual([])
    expect(all.made.products.disk.size).toBe(0)
  })

  test('is one of each run where the encoder came back with other codecs, also after a crash', async () => {
    const { trial, made, send } = madeTrial(MP4)
    made.maker.before = async ({ parts }) => {
      if (parts.length > 1) throw new JobError('input-mixed', 'Different codecs.', { retryable: false })
      if (made.maker.orders.length === 2) await new Promise(() => {})
    }
    await send('cam', 1, 3)
    await send('cam', 1, 3, 'again', END)
    await trial.clock.advance(SESSION_SETTLE_MS)
    expect(await made.files()).toEqual({})
    await made.restart()
    expect(await made.files()).toEqual({ 'cam.mp4': 'cam1.ts cam2.ts', 'cam_1.mp4': 'cam3.ts cam4.ts' })
  })

  test('can be asked for of all that was recorded', async () => {
    const all = madeTrial({})
    const { made } = all
    await push(all, 'cam')
    await push(all, 'cam', 'again')
    const { management } = made.productions
    const result = await management.hlsToMp4(APP, 'cam', { deleteHls: false })
    expect(result).toMatchObject({ success: true, dataId: expect.stringMatching(/^\w{24}$/) })
    await settled()
    expect(await made.files()).toEqual({ 'cam.mp4': 'cam1.ts cam2.ts | cam3.ts cam4.ts' })
    expect(management.vod(APP, result.dataId ?? '')).toMatchObject({ vodName: 'cam.mp4' })
    expect(await management.hlsToMp4(APP, 'none', { deleteHls: false })).toMatchObject({ success: false })
  })
})

describe('what was recorded of a stream', () => {
  test('is told of when all of it is in the bucket, also over a restart', async () => {
    const all = madeTrial({ isHlsUploaded: true })
    const { trial, made } = all
    const put = trial.store.put.bind(trial.store)
    trial.store.put = async () => {
      throw new StorageError('unavailable', true)
    }
    await push(all, 'cam')
    await trial.clock.advance(10 * STALE_MS)
    expect(made.actions).not.toContain('uploadCompleted')
    await made.restart()
    trial.store.put = put
    await trial.clock.advance(10 * STALE_MS)
    expect(made.events.filter(({ action }) => action === 'uploadCompleted')).toMatchObject([{ file: 'cam.m3u8' }])
  })

  test('is not removed before the files of it are made', async () => {
    const all = madeTrial(MP4, { ...NOTHING_DELETED, onEnded: () => true, afterMs: 0 })
    const { trial, made } = all
    let go = () => {}
    made.maker.before = () =>
      new Promise((resolve) => {
        go = resolve
      })
    await push(all, 'cam')
    await trial.clock.advance(STALE_MS)
    expect(await trial.recorded('cam.m3u8')).toEqual(['cam1.ts', 'cam2.ts'])
    go()
    await trial.clock.advance(4 * REMOVAL_RETRY_MS)
    expect(await trial.recordedText('cam.m3u8')).toBeUndefined()
    expect(await made.files()).toEqual({ 'cam.mp4': 'cam1.ts cam2.ts' })
    expect(made.productions.management.broadcasts(APP, { offset: 0, size: 9 })).toEqual([])
  })

  test('goes with what is known of when it was live, but for what somebody chose', async () => {
    const all = madeTrial({}, { ...NOTHING_DELETED, onEnded: () => true, afterMs: 0 })
    const { management } = all.made.productions
    await management.createBroadcast(APP, 'cam')
    await management.switchRecording(APP, 'cam', false, { format: 'mp4', height: 0 })
    await push(all, 'cam')
    await push(all, 'other')
    await all.trial.clock.advance(4 * REMOVAL_RETRY_MS)
    expect(await all.trial.recordedText('cam.m3u8')).toBeUndefined()
    const left = management.broadcasts(APP, { offset: 0, size: 9 })
    expect(left).toMatchObject([{ streamId: 'cam', mp4Enabled: -1, status: 'finished' }])
    await push(all, 'cam', 'again')
    expect(all.made.actions.filter((each) => each === 'liveStreamEnded')).toHaveLength(3)
  })
})

describe('pictures of a stream', () => {
  test('are made every now and then while it is live, of its largest rendition, and one when it has ended', async () => {
    const { trial, made, send } = madeTrial(PICTURES)
    for (let number = 1; number < 9; number++) {
      await send('cam_240p', number, number + 1)
      await send('cam_480p', number, number + 1)
      await trial.clock.advance(2_000)
    }
    const live = made.maker.orders.map(({ parts }) => parts.flatMap(({ files }) => files.map(({ stored }) => stored)))
    expect(live.length).toBeGreaterThanOrEqual(3)
    expect(live.length).toBeLessThanOrEqual(4)
    expect(
      live
        .slice(1)
        .flat()
        .every((stored) => stored.startsWith('cam_480p')),
    ).toBe(true)
    expect([...made.products.disk.keys()]).toEqual(['preview/live/cam.png'])
    await send('cam_240p', 9, 10, END)
    await send('cam_480p', 9, 10, END)
    await trial.clock.advance(SESSION_SETTLE_MS)
    expect([...made.products.disk.keys()]).toEqual(['preview/live/cam.png', 'preview/live/cam_finished.png'])
  })

  test('take the place of those of the last session, or do not, as is asked for', async () => {
    for (const isOverwriting of [true, false]) {
      const all = madeTrial({ previews: { isOn: () => true, isOverwriting } })
      await push(all, 'cam')
      await all.trial.clock.advance(STALE_MS)
      await push(all, 'cam', 'again')
      const finished = [...all.made.products.disk.keys()].filter((key) => key.endsWith('_finished.png'))
      const first = 'preview/live/cam_finished.png'
      expect(finished).toEqual(isOverwriting ? [first] : [first, 'preview/live/cam_1_finished.png'])
    }
  })

  test('go to the bucket where that is asked for, and are named by the VoD', async () => {
    const all = madeTrial({ ...MP4, ...PICTURES, toBucket: ['preview'] })
    await push(all, 'cam')
    expect([...all.made.products.bucket.keys()]).toContain('preview/live/cam_finished.png')
    expect(all.made.productions.vods.list(APP, { offset: 0, size: 1 })).toMatchObject([{ preview: 'cam_finished.png' }])
  })

  test('that cannot be made hold up nothing', async () => {
    const { trial, made, send } = madeTrial(PICTURES)
    made.maker.before = async () => {
      throw new JobError('ffmpeg-failed', 'ffmpeg failed.', { retryable: false })
    }
    for (let number = 1; number < 9; number++) {
      await send('cam', number, number + 1)
      await trial.clock.advance(2_000)
    }
    expect(trial.log.filter(({ event }) => event === 'preview not made').length).toBeGreaterThan(2)
    await trial.clock.advance(JOB_RETRY_MS)
    expect(await trial.recorded('cam.m3u8')).toHaveLength(8)
  })
})
