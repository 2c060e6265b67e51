import { describe, expect, test } from 'vitest'
import { goesToS3, s3Prefixes } from '../../src/config/product-settings.ts'
import { ConfigError, readConfig } from '../../src/config/schema.ts'

const s3 = { STORE: 's3', S3_BUCKET: 'recordings', APPS: 'LiveApp' }

function messageOf(environment: Record<string, string>): string | undefined {
  try {
    readConfig(environment)
    return undefined
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    return (error as ConfigError).message
  }
}

describe('uploadExtensionsToS3', () => {
  test.each([
    [0, []],
    [1, ['vod']],
    [2, ['hls']],
    [3, ['vod', 'hls']],
    [4, ['preview']],
    [5, ['vod', 'preview']],
    [6, ['hls', 'preview']],
    [7, ['vod', 'hls', 'preview']],
  ])('%d brings %j into the bucket, and nothing without one', (bits, kinds) => {
    const config = readConfig({ ...s3, UPLOAD_EXTENSIONS_TO_S3: String(bits) })
    const all = ['vod', 'hls', 'preview'] as const
    expect(all.filter((kind) => goesToS3(config, kind))).toEqual(kinds)
    expect(all.filter((kind) => goesToS3({ ...config, STORE: 'disk' }, kind))).toEqual([])
  })

  test.each(['8', '-1', '1.5', 'hls', ''])('%j is refused', (bits) => {
    expect(messageOf({ ...s3, UPLOAD_EXTENSIONS_TO_S3: bits })).toContain('UPLOAD_EXTENSIONS_TO_S3')
  })

  test.each(['S3_SHARED', 'S3_TAKE_OVER'])('%s needs HLS in the bucket', (name) => {
    for (const bits of ['0', '1', '4', '5']) {
      const message = messageOf({ ...s3, [name]: 'true', UPLOAD_EXTENSIONS_TO_S3: bits })
      expect(message).toBe(`${name} is about HLS in the bucket: it needs the 2 in UPLOAD_EXTENSIONS_TO_S3.`)
    }
    for (const bits of ['2', '3', '6', '7']) {
      expect(messageOf({ ...s3, [name]: 'true', UPLOAD_EXTENSIONS_TO_S3: bits })).toBeUndefined()
    }
    expect(messageOf({ UPLOAD_EXTENSIONS_TO_S3: '0' })).toBeUndefined()
  })
})

describe('prefixes', () => {
  test.each([
    ['streams', 'previews'],
    [':app/streams', ':app/previews'],
    ['a/streams', 'a/previews'],
    ['streams/:app', 'streams/:app/previews'],
    ['livestreams', 'livestreams/previews'],
  ])('videos lie in %s with HLS, previews in %s', (S3_PREFIX, previews) => {
    const config = readConfig({ ...s3, S3_PREFIX })
    expect(s3Prefixes(config)).toEqual({ hls: S3_PREFIX, vod: S3_PREFIX, preview: previews })
  })

  test('each may have its own', () => {
    const own = { S3_RECORDINGS_PREFIX: 'videos', S3_PREVIEWS_PREFIX: 'pictures' }
    expect(s3Prefixes(readConfig({ ...s3, ...own }))).toEqual({ hls: 'streams', vod: 'videos', preview: 'pictures' })
  })

  test.each(['S3_RECORDINGS_PREFIX', 'S3_PREVIEWS_PREFIX'])('P7: in %s keys of two apps never meet', (name) => {
    const several = { ...s3, APPS: '', S3_PREFIX: ':app/streams' }
    expect(messageOf({ ...several, [name]: 'x' })).toContain(`${name} x is for one app`)
    expect(messageOf({ ...several, [name]: ':app/x' })).toBeUndefined()
    expect(messageOf({ ...s3, [name]: '../x' })).toContain(name)
  })

  test.each([
    ['streams', 'streams/videos', false],
    ['streams/a', 'streams', false],
    [':app', ':app/videos', false],
    [':app/streams', 'videos/:app', false],
    ['streams', 'streams', true],
    [':app/streams', ':app/videos', true],
    ['streams', 'streams2', true],
  ])('P3: HLS in %s and videos in %s: names can meet unless %s', (S3_PREFIX, S3_RECORDINGS_PREFIX, isApart) => {
    const message = messageOf({ ...s3, S3_PREFIX, S3_RECORDINGS_PREFIX })
    if (isApart) expect(message).toBeUndefined()
    else expect(message).toContain('may not lie within each other')
  })
})

test('RECORDINGS_DIR does not go with a store in memory', () => {
  expect(messageOf({ STORE: 'memory', RECORDINGS_DIR: 'x' })).toContain('RECORDINGS_DIR')
  expect(messageOf({ RECORDINGS_DIR: 'x' })).toBeUndefined()
})
