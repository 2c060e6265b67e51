import { describe, expect, test } from 'vitest'
import { parseIngestKeys } from '../../src/config/ingest-keys.ts'
import { type ErrorCode, ReceiverError } from '../../src/core/errors.ts'
import { DEFAULT_MOUNT, parseUploadTarget } from '../../src/core/upload-target.ts'
import { KeyRing } from '../../src/http/key-ring.ts'

const ring = new KeyRing(
  parseIngestKeys(['all', 'live=app-key', 'live/cam1=one', 'live/cam2=two', 'tv/cam1=tv-one']) ?? [],
  ['admin', 'other-admin'],
)

const basic = (user: string, password: string) => `Basic ${btoa(`${user}:${password}`)}`

/** The stream the key is bound to, or the code of the refusal. */
function outcome(path: string, authorization?: string, keys = ring): string | ErrorCode {
  const target = parseUploadTarget(path, [DEFAULT_MOUNT, { app: 'live', parts: ['youtube'] }])
  if (target === null) throw new Error(`${path} is no upload`)
  try {
    return keys.authorise(target, authorization)
  } catch (error) {
    if (error instanceof ReceiverError) return error.code
    throw error
  }
}

describe('how a key is shown', () => {
  test.each([
    ['/live/k/all/hls-upload/a.ts', undefined],
    ['/live/hls-upload/a.ts', 'Bearer all'],
    ['/live/hls-upload/a.ts', 'bearer all'],
    ['/live/hls-upload/a.ts', basic('all', '')],
    ['/live/hls-upload/a.ts', basic('anyone', 'all')],
    ['/live/hls-upload/a.ts', basic('all', 'anything')],
    ['/live/hls-upload/a.ts', basic('', 'all').replace('Basic', 'basic')],
    ['/youtube?cid=all&file=a.ts', undefined],
  ])('%s with %s', (path, authorization) => {
    expect(outcome(path, authorization)).toBe('')
  })

  test.each([
    ['none', undefined],
    ['an empty header', ''],
    ['another scheme', 'Digest all'],
    ['a bearer without its key', 'Bearer'],
    ['a bearer with an empty key', 'Bearer '],
    ['Basic that is not base64', 'Basic !!!'],
    ['Basic without a user and a password', basic('', '')],
  ])('%s is no key', (_what, authorization) => {
    expect(outcome('/live/hls-upload/a.ts', authorization)).toBe('key-missing')
  })

  test.each([
    ['a wrong key', '/live/hls-upload/a.ts', 'Bearer wrong'],
    ['a part of a key', '/live/hls-upload/a.ts', 'Bearer app'],
    ['a key and more', '/live/hls-upload/a.ts', 'Bearer allall'],
    ['a key in the wrong case', '/live/hls-upload/a.ts', 'Bearer ALL'],
    ['both keys as one', '/live/hls-upload/a.ts', basic('on', 'e')],
    ['a wrong key in the path', '/live/k/wrong/hls-upload/a.ts', undefined],
    ['a wrong key in the path beside a good header', '/live/k/wrong/hls-upload/a.ts', 'Bearer all'],
    ['an admin key', '/live/hls-upload/a.ts', 'Bearer admin'],
  ])('%s is not known', (_what, path, authorization) => {
    expect(outcome(path, authorization)).toBe('key-invalid')
  })

  test('without any key in the configuration none is asked for', () => {
    const open = new KeyRing([], [])
    expect(outcome('/live/hls-upload/a.ts', undefined, open)).toBe('')
    expect(outcome('/live/k/whatever/hls-upload/a.ts', undefined, open)).toBe('')
  })
})

describe('P7: a key opens its own app and stream only', () => {
  test('a key of an app opens all of that app and nothing of another', () => {
    expect(outcome('/live/hls-upload/anything/a.ts', 'Bearer app-key')).toBe('')
    expect(outcome('/live/hls-upload', 'Bearer app-key')).toBe('')
    expect(outcome('/tv/hls-upload/a.ts', 'Bearer app-key')).toBe('key-scope')
    expect(outcome('/tv/hls-upload', 'Bearer app-key')).toBe('key-scope')
    expect(outcome('/tv/k/app-key/hls-upload/a.ts')).toBe('key-scope')
  })

  test.each([
    'cam1.m3u8',
    'cam1_adaptive.m3u8',
    'cam1_360p800kbps.m3u8',
    'cam1000000001.ts',
    'cam10.ts',
    'cam1-2026-11-22_18-00-00.123000000001.ts',
    'cam1_1795374606123_init.mp4',
    'cam1.m3u8.key',
    'init.mp4',
    'cam1.m3u8?token=abc0.ts',
    'any/folder/cam1.m3u8',
    'cam1/index.m3u8',
    'cam1/deep/0.ts',
  ])('the key of cam1 opens %s', (name) => {
    expect(outcome(`/live/hls-upload/${name}`, 'Bearer one')).toBe('cam1')
    expect(outcome(`/live/k/one/hls-upload/${name}`)).toBe('cam1')
  })

  test.each([
    'cam12.m3u8',
    'cam12000000001.ts',
    'cam2.m3u8',
    'cam2000000001.ts',
    'cam.m3u8',
    'CAM1.m3u8',
    'cam1-north.m3u8',
    'cam2/index.m3u8',
    'cam1x/index.m3u8',
    'cam2/cam2.m3u8',
    'cam2.m3u8?cam1.ts',
  ])('the key of cam1 does not open %s', (name) => {
    expect(outcome(`/live/hls-upload/${name}`, 'Bearer one')).toBe('key-scope')
    expect(outcome(`/live/k/one/hls-upload/${name}`)).toBe('key-scope')
  })

  test('a stream of the same name in another app has another key', () => {
    expect(outcome('/tv/hls-upload/cam1.m3u8', 'Bearer one')).toBe('key-scope')
    expect(outcome('/live/hls-upload/cam1.m3u8', 'Bearer tv-one')).toBe('key-scope')
    expect(outcome('/tv/hls-upload/cam1.m3u8', 'Bearer tv-one')).toBe('cam1')
  })

  test('the end message comes with the key of its stream, which is told', () => {
    expect(outcome('/live/hls-upload', 'Bearer two')).toBe('cam2')
  })

  test('of two keys shown at once the one that fits counts', () => {
    expect(outcome('/live/hls-upload/cam2.m3u8', basic('one', 'two'))).toBe('cam2')
    expect(outcome('/live/hls-upload/cam2.m3u8', basic('one', 'app-key'))).toBe('')
  })

  test('one key for streams of several apps opens each as itself', () => {
    const keys = new KeyRing(parseIngestKeys(['live/cam1=same', 'tv/cam2=same']) ?? [], [])
    expect(outcome('/live/hls-upload/cam1.m3u8', 'Bearer same', keys)).toBe('cam1')
    expect(outcome('/tv/hls-upload', 'Bearer same', keys)).toBe('cam2')
    expect(outcome('/live/hls-upload/cam2.m3u8', 'Bearer same', keys)).toBe('key-scope')
  })
})

test('only an admin key makes an admin', () => {
  expect(ring.isAdmin('Bearer admin')).toBe(true)
  expect(ring.isAdmin(basic('x', 'other-admin'))).toBe(true)
  for (const shown of [undefined, '', 'Bearer ', 'Bearer all', 'Bearer adminx', 'Basic !'])
    expect(ring.isAdmin(shown)).toBe(false)
  expect(new KeyRing([], []).isAdmin('Bearer admin')).toBe(false)
})
