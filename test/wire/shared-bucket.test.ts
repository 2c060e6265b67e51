import { afterEach, expect, test } from 'vitest'
import { ConfigError } from '../../src/config/schema.ts'
import { startReceiver, type TestReceiver } from '../../src/testing/index.ts'
import { type S3Server, startS3Server } from '../support/s3/server.ts'
import { s3Environment } from '../support/s3/settings.ts'
import { mediaList } from '../support/trial.ts'
import { until } from '../support/until.ts'

const NAME = 'cam000000001.ts'

let server: S3Server
let running: TestReceiver[] = []

afterEach(async () => {
  for (const receiver of running) await receiver.stop()
  running = []
  await server.stop()
})

async function start(more: Record<string, string> = {}): Promise<TestReceiver> {
  const receiver = await startReceiver({ ...s3Environment(server.url), S3_SHARED: 'true', ...more })
  running.push(receiver)
  return receiver
}

/** Why a start was refused. */
async function refusal(more: Record<string, string> = {}): Promise<string> {
  const error: unknown = await start(more).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(ConfigError)
  return (error as ConfigError).message
}

async function put({ url }: TestReceiver, name: string, body: string): Promise<void> {
  const answer = await fetch(`${url}/live/hls-upload/${name}`, { method: 'PUT', body })
  expect(answer.status).toBeLessThan(300)
}

async function text(url: string): Promise<string> {
  const answer = await fetch(url)
  expect(answer.status).toBe(200)
  return answer.text()
}

const bodies = () => server.objects.all().map(({ bytes }) => bytes.toString())

test('P3: two receivers that share a bucket start, and give no name twice', async () => {
  server = await startS3Server()
  const [a, b] = [await start(), await start()]
  await put(a, NAME, 'from A')
  await put(b, NAME, 'from B')
  await until('both in the bucket', () =>
    ['from A', 'from B'].every((each) => bodies().includes(each)) ? 1 : undefined,
  )
  expect(server.objects.get(`live/streams/${NAME}`)?.bytes.toString()).toBe('from A')
})

test('P2: what one receiver has brought the other serves, whole and in part', async () => {
  server = await startS3Server()
  const [a, b] = [await start(), await start()]
  await put(a, NAME, 'from A')
  const url = `${b.url}/live/streams/${NAME}`
  await until('it at B', async () => ((await fetch(url)).status === 200 ? true : undefined))
  expect(await text(url)).toBe('from A')
  const answer = await fetch(url, { headers: { Range: 'bytes=5-' } })
  expect([answer.status, await answer.text()]).toEqual([206, 'A'])
  expect((await fetch(`${b.url}/live/streams/cam000000002.ts`)).status).toBe(404)
})

test('P7: what receivers write about a playlist is for them alone', async () => {
  server = await startS3Server()
  const a = await start()
  await put(a, NAME, 'from A')
  await put(a, 'cam.m3u8', mediaList(1, [NAME]))
  const about = () => server.objects.all().filter(({ key }) => key.includes('/.cam.m3u8.'))
  await until('a claim and a part', () => (about().length >= 2 ? true : undefined))
  for (const { key } of about()) {
    const name = key.slice(key.lastIndexOf('/') + 1)
    expect((await fetch(`${a.url}/live/streams/${name}`)).status).toBeGreaterThanOrEqual(400)
    const answer = await fetch(`${a.url}/live/hls-upload/${name}`, { method: 'PUT', body: 'mine' })
    expect(answer.status).toBeGreaterThanOrEqual(400)
  }
})

test.each(['ignore', 'refuse'] as const)(
  'on a bucket that says %s to conditions no receiver shares',
  async (conditions) => {
    server = await startS3Server({ conditions })
    expect(await refusal()).toContain('conditional creation')
    await start({ S3_SHARED: 'false' })
  },
)

test('those that share a bucket and one that does not keep off each other', async () => {
  server = await startS3Server()
  await start({ APPS: 'one' })
  await start({ APPS: 'two', S3_SHARED: 'false' })
  expect(await refusal({ APPS: 'one', S3_SHARED: 'false' })).toContain('belongs to the receiver shared')
  expect(await refusal({ APPS: 'two' })).toContain('S3_SHARED=true for that receiver')
})

test('P1, P3: with a bucket that is down at the start uploads wait, and go there under names of their own', async () => {
  server = await startS3Server()
  const first = await start()
  await put(first, NAME, 'from A')
  await until('it in the bucket', () => (bodies().includes('from A') ? true : undefined))
  server.behaviour.fault = () => ({ kind: 'status', status: 503, code: 'SlowDown' })
  const second = await start()
  await put(second, NAME, 'from B')
  await put(second, 'cam.m3u8', mediaList(1, [NAME]))
  const list = await text(`${second.url}/live/streams/cam.m3u8`)
  const name = list.split('\n').find((line) => line.endsWith('.ts')) ?? ''
  expect(await text(`${second.url}/live/streams/${name}`)).toBe('from B')
  server.behaviour.fault = () => undefined
  await until('both in the bucket', () => (bodies().includes('from B') ? true : undefined), 30_000)
  expect(server.objects.get(`live/streams/${NAME}`)?.bytes.toString()).toBe('from A')
})
