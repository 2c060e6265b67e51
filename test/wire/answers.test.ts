import { readdirSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startReceiver, type TestReceiver } from '../../src/testing/index.ts'

const BYTES = 300_000

let receiver: TestReceiver

beforeAll(async () => {
  receiver = await startReceiver()
  await put('a.ts')
})

afterAll(() => receiver.stop())

const put = (name: string) =>
  fetch(`${receiver.url}/live/hls-upload/${name}`, { method: 'PUT', body: 'x'.repeat(BYTES) })

test.each(['bytes=0-9', `bytes=${BYTES}-`])('a HEAD tells of the whole file, whatever its Range: %s', async (Range) => {
  const answer = await fetch(`${receiver.url}/live/streams/a.ts`, { method: 'HEAD', headers: { Range } })
  expect([answer.status, answer.headers.get('content-length')]).toEqual([200, String(BYTES)])
  expect(answer.headers.get('content-range')).toBeNull()
})

test('an answer from a file that has lost its end is cut, never short of its Content-Length in silence', async () => {
  const folder = join(receiver.dataDir, '.receiver/bodies')
  const before = new Set(readdirSync(folder))
  await put('short.ts')
  for (const id of readdirSync(folder)) if (!before.has(id)) truncateSync(join(folder, id), BYTES / 2)
  const answer = await fetch(`${receiver.url}/live/streams/short.ts`)
  expect(answer.headers.get('content-length')).toBe(String(BYTES))
  await expect(answer.arrayBuffer()).rejects.toThrow()
})
