import { afterAll, beforeAll, expect, test } from 'vitest'
import { startReceiver, type TestReceiver } from '../../src/testing/index.ts'

let receiver: TestReceiver

beforeAll(async () => {
  receiver = await startReceiver({ RESTART_POLICY: 'live/cam1=reject' })
})

afterAll(() => receiver.stop())

const put = (name: string, body: string) => fetch(`${receiver.url}/live/hls-upload/${name}`, { method: 'PUT', body })

test('P3: under the policy reject a differing PUT under a known name is answered 409, and the first one stays', async () => {
  expect((await put('cam1000000001.ts', 'first')).status).toBe(201)
  const answer = await put('cam1000000001.ts', 'second')
  expect(answer.status).toBe(409)
  expect(await answer.json()).toMatchObject({ code: 'name-taken' })
  expect((await put('cam1000000001.ts', 'first')).status).toBe(200)
  const read = await fetch(`${receiver.url}/live/streams/cam1000000001.ts`)
  expect(await read.text()).toBe('first')
})

test('P3: other streams of the app keep both, the second under a name of its own', async () => {
  expect((await put('cam2000000001.ts', 'first')).status).toBe(201)
  expect((await put('cam2000000001.ts', 'second')).status).toBe(201)
  const read = await fetch(`${receiver.url}/live/streams/cam2000000001.ts`)
  expect(await read.text()).toBe('first')
})
