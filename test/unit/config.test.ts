import { describe, expect, test } from 'vitest'
import { parseIngestKeys } from '../../src/config/ingest-keys.ts'
import { ConfigError, isLoopback, readConfig } from '../../src/config/schema.ts'

function messageOf(environment: Record<string, unknown>, file: Record<string, unknown> = {}): string | undefined {
  try {
    readConfig(environment, file)
    return undefined
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    return (error as ConfigError).message
  }
}

describe('where a value comes from', () => {
  test('the environment wins over the file, the file over the default', () => {
    const config = readConfig({ PORT: '9000' }, { PORT: 9001, DRAIN_SECONDS: 5 })
    expect([config.PORT, config.DRAIN_SECONDS, config.MAX_UPLOADS]).toEqual([9000, 5, 4096])
  })

  test('a file may hold numbers, flags and lists as JSON', () => {
    const file = {
      PORT: 9001,
      ALLOW_ANONYMOUS_INGEST: true,
      APPS: ['live', 'LiveApp'],
      INGEST_KEYS: ['live=abc', 'xyz'],
    }
    expect(readConfig({}, file)).toMatchObject({
      PORT: 9001,
      ALLOW_ANONYMOUS_INGEST: true,
      APPS: ['live', 'LiveApp'],
      INGEST_KEYS: [
        { key: 'abc', app: 'live', stream: undefined },
        { key: 'xyz', app: undefined, stream: undefined },
      ],
    })
  })

  test('other variables of the environment are no concern', () => {
    expect(readConfig({ PATH: '/bin', HOME: '/', NODE_ENV: 'test' }).PORT).toBe(8080)
  })

  test.each(['PROT', 'port', 'toString', '__proto__', 'constructor'])('%s in the file is not a setting', (name) => {
    const file = JSON.parse(`{"${name}": "1"}`) as Record<string, unknown>
    expect(messageOf({}, file)).toBe(`${name} in the configuration file is not a setting.`)
  })

  test('spaces around values and items do not count', () => {
    expect(readConfig({ PORT: ' 9000 ', APPS: ' live , LiveApp ,' })).toMatchObject({
      PORT: 9000,
      APPS: ['live', 'LiveApp'],
    })
  })
})

describe('a bad value ends the start with one message that names its setting', () => {
  test.each([
    ['HOST', ''],
    ['PORT', ''],
    ['PORT', 'http'],
    ['PORT', '-1'],
    ['PORT', '65536'],
    ['PORT', '80.5'],
    ['PORT', '0x1f90'],
    ['PORT', '1e3'],
    ['DATA_DIR', ' '],
    ['STORE', 's4'],
    ['STORE', 'DISK'],
    ['DURABILITY', 'none'],
    ['INGEST_KEYS', 'a b'],
    ['INGEST_KEYS', 'live/=abc'],
    ['INGEST_KEYS', 'live/cam1='],
    ['INGEST_KEYS', 'live/cam1/x=abc'],
    ['INGEST_KEYS', 'good,ba/d'],
    ['INGEST_KEYS', '..'],
    ['INGEST_KEYS', 'live=.'],
    ['INGEST_KEYS', 'live/cam1=same,live/cam2=same'],
    ['ALLOW_ANONYMOUS_INGEST', 'yes'],
    ['ALLOW_ANONYMOUS_INGEST', '1'],
    ['APPS', 'live,../x'],
    ['APPS', 'k'],
    ['INGEST_MOUNTS', 'hls-stream=live'],
    ['INGEST_MOUNTS', '/hls-stream'],
    ['INGEST_MOUNTS', '/:app'],
    ['INGEST_MOUNTS', '/:app/ingest=live'],
    ['INGEST_MOUNTS', '/=live'],
    ['INGEST_MOUNTS', '/a/../b=live'],
    ['INGEST_MOUNTS', '/a=live=b'],
    ['INGEST_MOUNTS', '/a b=live'],
    ['INGEST_MOUNTS', '/a=li/ve'],
    ['INGEST_MOUNTS', '/:app/rest'],
    ['INGEST_MOUNTS', '/:app/rest/v2'],
    ['INGEST_MOUNTS', '/live/rest/v2/broadcasts=live'],
    ['PUBLIC_URL', 'example.com'],
    ['PUBLIC_URL', 'ftp://example.com'],
    ['MAX_SEGMENT_BYTES', '0'],
    ['MAX_SEGMENT_BYTES', '16G'],
    ['MAX_SEGMENT_BYTES', '99999999999999999999'],
    ['MAX_UPLOADS', '0'],
    ['MAX_UPLOADS', '100001'],
    ['MAX_CONNECTIONS', 'Infinity'],
    ['KEEP_ALIVE_SECONDS', '0'],
    ['BODY_IDLE_SECONDS', 'NaN'],
    ['DRAIN_SECONDS', '3601'],
    ['LOG_LEVEL', 'verbose'],
    ['STALE_SECONDS', '9'],
    ['STALE_PLAYLISTS', 'forget'],
    ['DATE_TIME_ZONE', 'Berlin'],
  ])('%s=%j', (name, value) => {
    for (const message of [messageOf({ [name]: value }), messageOf({}, { [name]: value })]) {
      expect(message).toMatch(new RegExp(`^${name}: .+\\(expected: .+\\)\\.$`))
      expect(message?.split('\n')).toHaveLength(1)
    }
  })

  test('no message shows a key', () => {
    expect(messageOf({ INGEST_KEYS: 's3cret key' })).not.toContain('s3cret')
    expect(messageOf({ HOST: '0.0.0.0', ADMIN_KEYS: 's3cret' })).not.toContain('s3cret')
  })
})

describe('P7: an open door is never an accident', () => {
  const open = ['0.0.0.0', '::', '192.168.1.4', 'example.com', '127.evil.example', '1127.0.0.1', '::ffff:10.0.0.1']

  test.each(open)('HOST %s without keys does not start', (HOST) => {
    expect(isLoopback(HOST)).toBe(false)
    expect(messageOf({ HOST })).toMatch(/^HOST .+ set INGEST_KEYS, or ALLOW_ANONYMOUS_INGEST=true/)
    expect(messageOf({ HOST, INGEST_KEYS: ' , ' })).toMatch(/^HOST /)
    expect(messageOf({ HOST, ALLOW_ANONYMOUS_INGEST: 'false' })).toMatch(/^HOST /)
  })

  test.each(open)('HOST %s starts with keys, or when told to', (HOST) => {
    expect(messageOf({ HOST, INGEST_KEYS: 'abc' })).toBeUndefined()
    expect(messageOf({ HOST, ALLOW_ANONYMOUS_INGEST: 'true' })).toBeUndefined()
  })

  test.each(['127.0.0.1', '127.1.2.3', '::1', 'localhost'])('HOST %s is this machine only', (HOST) => {
    expect(isLoopback(HOST)).toBe(true)
    expect(messageOf({ HOST })).toBeUndefined()
  })
})

describe('lists', () => {
  test('keys for all apps, for one, and for one stream', () => {
    expect(parseIngestKeys(['abc', 'live=def', 'live/cam-1.x=g.h-i_j~k'])).toEqual([
      { key: 'abc', app: undefined, stream: undefined },
      { key: 'def', app: 'live', stream: undefined },
      { key: 'g.h-i_j~k', app: 'live', stream: 'cam-1.x' },
    ])
    expect(parseIngestKeys([])).toEqual([])
  })

  test('a key always fits into a path unescaped', () => {
    for (const key of readConfig({ INGEST_KEYS: 'abc,live=d.e~f-g_H,live/x=...' }).INGEST_KEYS) {
      expect(new URL(`http://h/live/k/${key.key}/hls-upload`).pathname).toBe(`/live/k/${key.key}/hls-upload`)
    }
  })

  test('upload endpoints for one app, and with the app in the path', () => {
    expect(readConfig({ INGEST_MOUNTS: '/hls-stream=live,/a/b=tv,/:app/ingest/in' }).INGEST_MOUNTS).toEqual([
      { app: 'live', parts: ['hls-stream'] },
      { app: 'tv', parts: ['a', 'b'] },
      { app: null, parts: ['ingest', 'in'] },
    ])
  })
})

describe('STORE=s3', () => {
  const s3 = { STORE: 's3', S3_BUCKET: 'recordings', APPS: 'LiveApp' }

  test('an endpoint with a password, which logs would show, is refused, and not repeated', () => {
    const message = messageOf({ ...s3, S3_ENDPOINT: 'https://user:secret@store.example' })
    expect(message).toContain('S3_ENDPOINT: wants a URL without user and password')
    expect(message).not.toContain('secret')
  })

  test('an empty region is none', () => {
    expect(readConfig({ ...s3, S3_REGION: '' }).S3_REGION).toBe('us-east-1')
  })

  test('needs a bucket, and no more for one app with the credentials of the machine', () => {
    expect(messageOf(s3)).toBeUndefined()
    expect(messageOf({ ...s3, S3_BUCKET: '' })).toBe('STORE=s3 needs S3_BUCKET.')
  })

  test('receivers that share a bucket bring there at once what comes', () => {
    const held = { ...s3, S3_SHARED: 'true', UPLOAD_WHEN: 'ended' }
    expect(messageOf({ ...s3, S3_SHARED: 'true', RETENTION: 'live/cam1=mirror' })).toContain('RETENTION=mirror')
    const deleting = { ...s3, S3_SHARED: 'true', DELETE_HLS_FILES_ON_ENDED: 'live=true' }
    expect(messageOf(deleting)).toContain('DELETE_HLS_FILES_ON_ENDED')
    expect(readConfig({ ...deleting, S3_SHARED: 'false' }).DELETE_HLS_FILES_ON_ENDED).toEqual([
      { value: 'true', app: 'live', stream: undefined },
    ])
    expect(messageOf({ RETENTION: 'keep' })).toContain('archive or mirror')
    expect(messageOf(held)).toContain('S3_SHARED needs UPLOAD_WHEN=live')
    expect(messageOf({ ...held, UPLOAD_WHEN: 'live' })).toBeUndefined()
  })

  test('limits of recordings are numbers for all, an app or a stream, and none where receivers share a bucket', () => {
    const { RECORDING_MAX_HOURS } = readConfig({ RECORDING_MAX_HOURS: '72,live=24,live/cam1=0' })
    expect(RECORDING_MAX_HOURS.map(({ value }) => value)).toEqual([72, 24, 0])
    expect(messageOf({ RECORDING_MAX_HOURS: '1.5' })).toContain('a number is whole')
    expect(messageOf({ RECORDING_MAX_BYTES: 'live=1,live=2' })).toContain('each once')
    expect(messageOf({ APP_MAX_BYTES: 'live/cam1=5' })).toContain('for all streams of an app')
    expect(messageOf({ ...s3, S3_SHARED: 'true', APP_MAX_BYTES: 'live=5' })).toContain('APP_MAX_BYTES')
    expect(messageOf({ ...s3, S3_SHARED: 'true', APP_MAX_BYTES: 'live=0' })).toBeUndefined()
  })

  test('P7: keys of two apps never meet', () => {
    const wrong = 'S3_PREFIX streams is for one app'
    expect(messageOf({ ...s3, APPS: '' })).toContain(wrong)
    expect(messageOf({ ...s3, APPS: 'live,LiveApp' })).toContain(wrong)
    expect(messageOf({ ...s3, APPS: '', S3_PREFIX: ':app/streams' })).toBeUndefined()
    expect(messageOf({ ...s3, APPS: '', S3_PREFIX: 'streams/:app' })).toBeUndefined()
  })

  test.each(['', '/', '/streams', 'streams/', 'a//b', '../a', 'a/./b', 'a b', ':apps', ':app/:app', 'a'.repeat(65)])(
    'S3_PREFIX %j is refused',
    (prefix) => {
      expect(messageOf({ ...s3, S3_PREFIX: prefix })).toContain('S3_PREFIX')
    },
  )

  test('half of a key pair is a mistake', () => {
    expect(messageOf({ ...s3, S3_ACCESS_KEY_ID: 'a' })).toContain('go together')
    expect(messageOf({ ...s3, S3_SECRET_ACCESS_KEY: 'a' })).toContain('go together')
    expect(messageOf({ ...s3, S3_ACCESS_KEY_ID: 'a', S3_SECRET_ACCESS_KEY: 'b' })).toBeUndefined()
  })
})
