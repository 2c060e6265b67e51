import { describe, expect, test } from 'vitest'
import { SESSION_SETTLE_MS } from '../../src/core/limits.ts'
import { madeTrial, STALE_MS } from '../support/made-trial.ts'
import { mediaList } from '../support/trial.ts'

const END = '#EXT-X-ENDLIST'
const MP4 = { rules: { isOn: (_app: string, _stream: string, format: string) => format === 'mp4' } }

describe('when a stream is live', () => {
  test('all renditions of a session become a file each when the last has ended, called after their playlists', async () => {
    const { trial, made, send } = madeTrial(MP4)
    await send('cam_480p500kbps', 1, 3)
    await send('cam_240p300kbps', 1, 3)
    await send('cam_480p500kbps', 3, 4, END)
    await trial.clock.advance(SESSION_SETTLE_MS)
    expect(await made.files()).toEqual({})
    await send('cam_240p300kbps', 3, 4, END)
    await trial.clock.advance(SESSION_SETTLE_MS)
    expect(await made.files()).toEqual({
      'cam_480p500kbps.mp4': 'cam_480p500kbps1.ts cam_480p500kbps2.ts cam_480p500kbps3.ts',
      'cam_240p300kbps.mp4': 'cam_240p300kbps1.ts cam_240p300kbps2.ts cam_240p300kbps3.ts',
    })
    expect(made.actions).toEqual(['liveStreamStarted', 'recordingStarted', 'liveStreamEnded', 'vodReady', 'vodReady'])
  })

  test('an interruption belongs to the session, and all of it is one file', async () => {
    const { trial, made, send } = madeTrial(MP4)
    await send('cam', 1, 3)
    await send('cam', 1, 3, 'again')
    await send('cam', 3, 4, 'again', END)
    await trial.clock.advance(SESSION_SETTLE_MS)
    expect(await made.files()).toEqual({ 'cam.mp4': 'cam1.ts cam2.ts | cam3.ts cam4.ts cam5.ts' })
  })

  test('each run is a file where that is asked for', async () => {
    const { trial, made, send } = madeTrial({ rules: { ...MP4.rules, isPerRun: () => true } })
    await send('cam', 1, 3)
    await send('cam', 1, 3, 'again')
    await send('cam', 3, 4, 'again', END)
    await trial.clock.advance(SESSION_SETTLE_MS)
    expect(await made.files()).toEqual({ 'cam.mp4': 'cam1.ts cam2.ts', 'cam_1.mp4': 'cam3.ts cam4.ts cam5.ts' })
  })

  test('an encoder that comes back at once goes on with its session, one that comes later begins another', async () => {
    const { trial, made, send } = madeTrial(MP4)
    await send('cam', 1, 3, END)
    await trial.clock.advance(SESSION_SETTLE_MS - 1)
    await send('cam', 1, 3, 'again')
    await trial.clock.advance(SESSION_SETTLE_MS)
    expect(await made.files()).toEqual({})
    await send('cam', 3, 4, 'again', END)
    await trial.clock.advance(SESSION_SETTLE_MS)
    await send('cam', 1, 2, 'third', END)
    await trial.clock.advance(SESSION_SETTLE_MS)
    expect(await made.files()).toEqual({
      'cam.mp4': 'cam1.ts cam2.ts | cam3.ts cam4.ts cam5.ts',
      'cam_1.mp4': 'cam6.ts',
    })
  })

  test('one that is silent is over when its playlist is stale, ended or not', async () => {
    for (const action of ['end', 'keep', 'gone'] as const) {
      const { trial, made, send } = madeTrial({ ...MP4, stale: { afterMs: STALE_MS, action } })
      await send('cam', 1, 3)
      await trial.clock.advance(2 * STALE_MS + SESSION_SETTLE_MS)
      expect(await made.files()).toEqual({ 'cam.mp4': 'cam1.ts cam2.ts' })
      expect(made.actions.filter((each) => each === 'liveStreamEnded')).toHaveLength(1)
    }
  })

  test('a session goes on over a restart of the receiver, and its end is seen also when it came just before', async () => {
    const { trial, made, send } = madeTrial(MP4)
    await send('cam', 1, 3)
    await made.restart()
    await send('cam', 3, 4, END)
    await made.restart()
    await trial.clock.advance(SESSION_SETTLE_MS)
    expect(await made.files()).toEqual({ 'cam.mp4': 'cam1.ts cam2.ts cam3.ts' })
    expect(made.actions.filter((each) => each === 'liveStreamStarted')).toHaveLength(1)
  })

  test('a playlist that is uploaded once, with its end, is a session', async () => {
    const { trial, made } = madeTrial(MP4)
    await trial.segments(['cam1.ts', 'cam2.ts'])
    await trial.put('cam.m3u8', mediaList(1, ['cam1.ts', 'cam2.ts'], END))
    await trial.clock.advance(SESSION_SETTLE_MS)
    expect(await made.files()).toEqual({ 'cam.mp4': 'cam1.ts cam2.ts' })
  })

  test('a hole that is mended when all is over begins no session; it is told before', async () => {
    const { trial, made } = madeTrial(MP4)
    await trial.segments(['cam1.ts', 'cam3.ts'])
    await trial.put('cam.m3u8', mediaList(1, ['cam1.ts', 'cam2.ts', 'cam3.ts'], END))
    await trial.clock.advance(20_000)
    expect(await made.files()).toEqual({ 'cam.mp4': 'cam1.ts cam3.ts' })
    expect(made.events).toContainEqual(
      expect.objectContaining({ action: 'segmentsMissing', playlist: 'cam.m3u8', missing: 1 }),
    )
    await trial.segments(['cam2.ts'])
    await trial.clock.advance(20_000)
    expect(await trial.recorded('cam.m3u8')).toEqual(['cam1.ts', 'cam2.ts', 'cam3.ts'])
    expect(made.actions.filter((each) => each === 'liveStreamStarted')).toHaveLength(1)
    expect(Object.keys(await made.files())).toEqual(['cam.mp4'])
  })

  test('runs that their encoder dates are one recording of the stream', async () => {
    const { trial, made, send } = madeTrial(MP4)
    await send('cam-2026-11-28_10-00-00.000', 1, 3)
    await send('cam-2026-11-28_10-00-20.000', 1, 3, END)
    await trial.clock.advance(STALE_MS + SESSION_SETTLE_MS)
    const [first, second] = ['cam-2026-11-28_10-00-00.000', 'cam-2026-11-28_10-00-20.000']
    expect(await made.files()).toEqual({ 'cam.mp4': `${first}1.ts ${first}2.ts | ${second}1.ts ${second}2.ts` })
  })

  test('nothing is made of a stream that is not recorded', async () => {
    const { trial, made, send } = madeTrial({})
    await send('cam', 1, 3, END)
    await trial.clock.advance(SESSION_SETTLE_MS)
    expect(made.maker.orders).toEqual([])
    expect(made.actions).toEqual(['liveStreamStarted', 'liveStreamEnded'])
  })
})
