import { expect, test } from 'vitest'
import { readConfig } from '../../src/config/schema.ts'
import { startLines } from '../../src/node/start-lines.ts'

const lines = (settings: Record<string, string>, host = '127.0.0.1', isShown = true) =>
  startLines(readConfig(settings), host, 8080, isShown).join('\n')

test('without keys the lines are those of the README', () => {
  const text = lines({})
  expect(text).toContain('hlsHttpEndpoint=http://127.0.0.1:8080/live/hls-upload/\n')
  expect(text).toContain('httpForwardingBaseURL=http://127.0.0.1:8080/live\n')
  expect(text).toContain(
    'http://127.0.0.1:8080/live/hls-upload/stream1%09d.ts http://127.0.0.1:8080/live/hls-upload/stream1.m3u8',
  )
  expect(text).toContain('http://127.0.0.1:8080/live/streams/stream1.m3u8')
})

test('with keys each upload line has one in its path, for the app and stream that it opens; the play line has none', () => {
  const text = lines({ INGEST_KEYS: 'LiveApp/cam7=s3cret' })
  expect(text).toContain('hlsHttpEndpoint=http://127.0.0.1:8080/LiveApp/k/s3cret/hls-upload/\n')
  expect(text).toContain('/LiveApp/k/s3cret/hls-upload/cam7%09d.ts')
  expect(text).toContain('http://127.0.0.1:8080/LiveApp/streams/cam7.m3u8')
})

test('P7: where nobody looks a placeholder stands for the key, since the lines are kept beside the log', () => {
  const text = lines({ INGEST_KEYS: 'LiveApp/cam7=s3cret' }, '127.0.0.1', false)
  expect(text).toContain('hlsHttpEndpoint=http://127.0.0.1:8080/LiveApp/k/INGEST_KEY/hls-upload/\n')
  expect(text).not.toContain('s3cret')
  expect(lines({}, '127.0.0.1', false)).not.toContain('INGEST_KEY')
})

test('no line names an address that only means "all of them"', () => {
  expect(lines({ HOST: '0.0.0.0', INGEST_KEYS: 'key' }, '0.0.0.0')).not.toContain('0.0.0.0')
  expect(lines({ HOST: '::1' }, '::1')).toContain('http://[::1]:8080/live')
})

test('PUBLIC_URL stands in all lines', () => {
  const text = lines({ PUBLIC_URL: 'https://ingest.example.org/' })
  expect(text).toContain('hlsHttpEndpoint=https://ingest.example.org/live/hls-upload/\n')
  expect(text).not.toContain('127.0.0.1')
})
