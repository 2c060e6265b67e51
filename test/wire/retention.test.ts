import { afterAll, beforeAll, expect, test } from 'vitest'
import { startReceiver, type TestReceiver } from '../../src/testing/index.ts'
import { mediaList } from '../support/trial.ts'

let receiver: TestReceiver

beforeAll(async () => {
  receiver = await startReceiver({ RETENTION: 'live=mirror', INGEST_KEYS: 'live/a=key-of-a,live/b=key-of-b,other=key' })
})

afterAll(() => receiver.stop())

const send = (method: string, path: string, body?: string) =>
  fetch(`${receiver.url}${path}`, body === undefined ? { method } : { method, body })

test.each([
  ['live', 'k/key-of-a', 200],
  ['live', 'k/key-of-b', 403],
  ['live', 'k/nobody', 401],
  ['other', 'k/key', 200],
])('a DELETE in %s with %s is answered %i, and changes nothing at once', async (app, key, status) => {
  const own = app === 'live' ? 'k/key-of-a' : 'k/key'
  await send('PUT', `/${app}/${own}/hls-upload/a1.ts`, 'segment')
  await send('PUT', `/${app}/${own}/hls-upload/a.m3u8`, mediaList(1, ['a1.ts']))
  for (const name of ['a1.ts', 'a9.ts', 'a.m3u8']) {
    expect((await send('DELETE', `/${app}/${key}/hls-upload/${name}`)).status).toBe(status)
  }
  expect(await (await send('GET', `/${app}/streams/a1.ts`)).text()).toBe('segment')
  expect((await send('GET', `/${app}/streams/a.m3u8`)).status).toBe(200)
})
