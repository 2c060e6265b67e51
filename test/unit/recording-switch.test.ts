import { describe, expect, test } from 'vitest'
import { SESSION_SETTLE_MS } from '../../src/core/limits.ts'
import type { RecordingQuery } from '../../src/core/management/management.ts'
import { APP, madeTrial } from '../support/made-trial.ts'

const END = '#EXT-X-ENDLIST'
const MP4: RecordingQuery = { format: 'mp4', height: 0 }
const ALWAYS = { rules: { isOn: (_app: string, _stream: string, format: string) => format === 'mp4' } }

describe('a recording that is switched while its stream is live', () => {
  test('has the segment that is under way at both ends, and is noted as a part', async () => {
    const { trial, made, send } = madeTrial({})
    const { management, vods } = made.productions
    await send('cam', 1, 4)
    const begun = await management.switchRecording(APP, 'cam', true, MP4)
    const startedAt = trial.clock.now()
    expect(begun).toEqual({
      success: true,
      message: String(startedAt),
      dataId: expect.stringMatching(/^\w{24}$/),
      errorId: 0,
    })
    await send('cam', 4, 6)
    const ended = await management.switchRecording(APP, 'cam', false, MP4)
    expect(ended).toEqual(begun)
    expect(await made.files()).toEqual({})
    await send('cam', 6, 8)
    expect(await made.files()).toEqual({ 'cam.mp4': 'cam4.ts cam5.ts cam6.ts' })
    expect(vods.find(APP, begun.dataId ?? '')).toMatchObject({ vodName: 'cam.mp4', isPart: true, startTime: startedAt })
    await send('cam', 8, 9, END)
    await trial.clock.advance(SESSION_SETTLE_MS)
    expect(Object.keys(await made.files())).toEqual(['cam.mp4'])
  })

  test('ends with its session when nobody ends it, or when what was under way never comes', async () => {
    for (const isEnded of [false, true]) {
      const { trial, made, send } = madeTrial({})
      const { management } = made.productions
      await send('cam', 1, 3)
      await management.switchRecording(APP, 'cam', true, MP4)
      await send('cam', 3, 5, END)
      if (isEnded) await management.switchRecording(APP, 'cam', false, MP4)
      await trial.clock.advance(SESSION_SETTLE_MS)
      expect(await made.files()).toEqual({ 'cam.mp4': 'cam3.ts cam4.ts' })
    }
  })

  test('is not begun twice, nor ended when there is none', async () => {
    const { made, send } = madeTrial({})
    const { management } = made.productions
    await send('cam', 1, 3)
    const off = await management.switchRecording(APP, 'cam', false, MP4)
    expect(off).toMatchObject({ success: false, message: "mp4 recording couldn't be stopped", dataId: null })
    await management.switchRecording(APP, 'cam', true, MP4)
    const again = await management.switchRecording(APP, 'cam', true, MP4)
    expect(again).toMatchObject({ success: false, message: "mp4 recording couldn't be started", dataId: null })
    const webm = await management.switchRecording(APP, 'cam', true, { format: 'webm', height: 0 })
    expect(webm.success).toBe(true)
  })

  test('can be begun anew while the end of the one before is awaited', async () => {
    const { trial, made, send } = madeTrial({})
    const { management } = made.productions
    await send('cam', 1, 3)
    for (const isOn of [true, false, true]) {
      expect(await management.switchRecording(APP, 'cam', isOn, MP4)).toMatchObject({ success: true })
    }
    await send('cam', 3, 5, END)
    await trial.clock.advance(SESSION_SETTLE_MS)
    expect(await made.files()).toEqual({ 'cam.mp4': 'cam3.ts', 'cam_1.mp4': 'cam3.ts cam4.ts' })
  })

  test('may be of one rendition, and be called otherwise', async () => {
    const { made, send } = madeTrial({})
    const { management } = made.productions
    await send('cam_480p', 1, 3)
    await send('cam_240p', 1, 3)
    const none = await management.switchRecording(APP, 'cam', true, { ...MP4, height: 720 })
    expect(none).toMatchObject({ success: false, message: "mp4 recording couldn't be started" })
    await management.switchRecording(APP, 'cam', true, { ...MP4, height: 240, fileName: 'match' })
    await send('cam_240p', 3, 4)
    await management.switchRecording(APP, 'cam', false, { ...MP4, height: 240 })
    await send('cam_480p', 3, 5)
    await send('cam_240p', 4, 6)
    expect(await made.files()).toEqual({ 'match_240p.mp4': 'cam_240p3.ts cam_240p4.ts' })
  })

  test('is remembered over a restart of the receiver', async () => {
    const { made, send } = madeTrial({})
    await send('cam', 1, 3)
    const begun = await made.productions.management.switchRecording(APP, 'cam', true, MP4)
    await made.restart()
    await send('cam', 3, 4)
    const ended = await made.productions.management.switchRecording(APP, 'cam', false, MP4)
    expect(ended).toEqual(begun)
    await made.restart()
    await send('cam', 4, 6)
    expect(await made.files()).toEqual({ 'cam.mp4': 'cam3.ts cam4.ts' })
  })
})

describe('a recording that is switched while its stream is not live', () => {
  test('holds for the next time, over what the settings say; of a stream that nobody knows nothing is switched', async () => {
    const { trial, made, send } = madeTrial(ALWAYS)
    const { management } = made.productions
    const unknown = await management.switchRecording(APP, 'cam', false, MP4)
    expect(unknown).toEqual({ success: false, message: null, dataId: null, errorId: expect.any(Number) })
    expect(await management.createBroadcast(APP, 'cam')).toMatchObject({ status: 'created', mp4Enabled: 0 })
    const off = await management.switchRecording(APP, 'cam', false, MP4)
    expect(off).toEqual({ success: true, message: null, dataId: null, errorId: 0 })
    await send('cam', 1, 3, END)
    await trial.clock.advance(SESSION_SETTLE_MS)
    expect(await made.files()).toEqual({})
    expect(management.broadcast(APP, 'cam')).toMatchObject({ status: 'finished', mp4Enabled: -1, webMEnabled: 0 })
    await management.switchRecording(APP, 'cam', true, { format: 'webm', height: 0 })
    await send('cam', 1, 3, 'again', END)
    await trial.clock.advance(SESSION_SETTLE_MS)
    expect(await made.files()).toEqual({ 'cam.webm': 'cam3.ts cam4.ts' })
  })

  test('ends, where it is recorded as a whole, as a part', async () => {
    const { trial, made, send } = madeTrial(ALWAYS)
    const { management, vods } = made.productions
    await send('cam', 1, 3)
    const ended = await management.switchRecording(APP, 'cam', false, MP4)
    expect(ended.success).toBe(true)
    await send('cam', 3, 6, END)
    await trial.clock.advance(SESSION_SETTLE_MS)
    expect(await made.files()).toEqual({ 'cam.mp4': 'cam1.ts cam2.ts cam3.ts' })
    expect(vods.find(APP, ended.dataId ?? '')).toMatchObject({ isPart: true })
  })
})
