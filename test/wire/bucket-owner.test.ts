import { rmSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ConfigError } from '../../src/config/schema.ts'
import { startReceiver, type TestReceiver } from '../../src/testing/index.ts'
import { type S3Behaviour, type S3Server, startS3Server } from '../support/s3/server.ts'
import { s3Environment } from '../support/s3/settings.ts'
import { mediaList } from '../support/trial.ts'
import { until } from '../support/until.ts'

const NAME = 'cam000000001.ts'
/** A start that waits for the bucket takes longer, in ms. */
const START_MS = 4_000

let server: S3Server
let running: TestReceiver[]

beforeEach(() => {
  running = []
})

afterEach(async () => {
  for (const receiver of running) await receiver.stop()
  await server.stop()
})

async function start(more: Record<string, string> = {}): Promise<TestReceiver> {
  const receiver = await startReceiver({ ...s3Environment(server.url), ...more })
  running.push(receiver)
  return receiver
}

async function end(receiver: TestReceiver, keepData: boolean): Promise<void> {
  running = running.filter((other) => other !== receiver)
  await receiver.stop({ keepData })
}

async function put(receiver: TestReceiver, name: string, body: string): Promise<void> {
  const answer = await fetch(`${receiver.url}/live/hls-upload/${name}`, { method: 'PUT', body })
  expect(answer.status).toBe(201)
}

const inBucket = (name: string) => server.objects.get(`live/streams/${name}`)?.bytes.toString()
const stored = (name: string, body: string) =>
  until(`${name} in the bucket`, () => (inBucket(name) === body ? true : undefined))

/** Why a start was refused. */
async function refusal(more: Record<string, string> = {}): Promise<string> {
  const error: unknown = await start(more).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(ConfigError)
  return (error as ConfigError).message
}

describe.each<[string, Partial<S3Behaviour>]>([
  ['honours', {}],
  ['ignores', { conditions: 'ignore' }],
  ['refuses', { conditions: 'refuse' }],
])('P3: on a bucket that %s conditions', (_what, behaviour) => {
  beforeEach(async () => {
    server = await startS3Server(behaviour)
  })

  test('a second receiver refuses to start, and says why; the first goes on after a restart', async () => {
    const first = await start()
    expect(await refusal()).toContain('belongs to the receiver')
    await put(first, NAME, 'first')
    await stored(NAME, 'first')
    await end(first, true)
    const again = await start({ DATA_DIR: first.dataDir })
    await put(again, 'cam000000002.ts', 'second')
    await stored('cam000000002.ts', 'second')
    expect(await refusal()).toContain('S3_TAKE_OVER')
  })

  test('one that takes over overwrites nothing that is there', async () => {
    const first = await start()
    await put(first, NAME, 'first')
    await put(first, 'cam.m3u8', mediaList(1, [NAME]))
    await stored(NAME, 'first')
    await end(first, false)
    const second = await start({ S3_TAKE_OVER: 'true' })
    await put(second, NAME, 'second')
    await put(second, 'cam.m3u8', mediaList(1, [NAME]))
    const text = await (await fetch(`${second.url}/live/streams/cam.m3u8`)).text()
    const name = text.split('\n').find((line) => line.endsWith('.ts')) ?? ''
    expect(name).not.toBe(NAME)
    await stored(name, 'second')
    expect(inBucket(NAME)).toBe('first')
    expect(await refusal()).toContain('belongs to the receiver')
  })
})

test('whatever else stands where the owner should is somebody else', async () => {
  server = await startS3Server()
  server.objects.put(
    '.hls-receiver-owner.json',
    Buffer.from('<html>'),
    {},
    { ifNoneMatch: undefined, ifMatch: undefined },
  )
  expect(await refusal()).toContain('belongs to the receiver unknown')
})

test('other prefixes, and other apps, are for other receivers', async () => {
  server = await startS3Server()
  await start({ APPS: 'one' })
  await start({ APPS: 'two' })
  await start({ S3_PREFIX: 'elsewhere/:app' })
  expect(await refusal({ APPS: 'two,three' })).toContain('two/streams/')
})

test('P3: one for some apps keeps off a prefix that belongs to one for all', async () => {
  server = await startS3Server()
  await start()
  expect(await refusal({ APPS: 'live' })).toContain('.hls-receiver-owner.json says that the prefix belongs')
  expect(server.objects.all()).toHaveLength(1)
})

test('P1, P3: with a bucket that is down at the start uploads wait, and go nowhere while it belongs to another', async () => {
  server = await startS3Server()
  const first = await start()
  await end(first, false)
  server.behaviour.fault = () => ({ kind: 'status', status: 503, code: 'SlowDown' })
  const second = await start()
  await put(second, NAME, 'second')
  server.behaviour.fault = () => undefined
  await until('a refusal', () =>
    second.logLines.some((line) => line.includes('object store: refused')) ? true : undefined,
  )
  expect(inBucket(NAME)).toBeUndefined()
  const [owner] = server.objects.all().filter(({ key }) => key.includes('owner'))
  server.objects.delete(owner?.key ?? '')
  await stored(NAME, 'second')
  rmSync(first.dataDir, { recursive: true, force: true })
})

test('uploads in parts that a life left behind are swept at the start, those of others are not', async () => {
  server = await startS3Server()
  const first = await start()
  server.behaviour.fault = ({ method }) =>
    method === 'PUT' ? { kind: 'status', status: 503, code: 'SlowDown' } : undefined
  await put(first, NAME, 'waits')
  await end(first, true)
  server.behaviour.fault = () => undefined
  server.objects.begin(`live/streams/${NAME}`, {})
  server.objects.begin('live/streams/other.ts', {})
  server.objects.begin('foreign/other.ts', {})
  await start({ DATA_DIR: first.dataDir })
  await stored(NAME, 'waits')
  const left = () => [...server.objects.uploads.values()].map(({ key }) => key).sort()
  await until('a sweep', () => (left().length === 1 ? true : undefined))
  expect(left()).toEqual(['foreign/other.ts'])
})

test('a take-over that cannot learn the names says why', async () => {
  server = await startS3Server()
  server.behaviour.fault = () => ({ kind: 'status', status: 403, code: 'AccessDenied' })
  expect(await refusal({ S3_TAKE_OVER: 'true' })).toContain('AccessDenied (HTTP status 403)')
})

test('P1: uploads in parts to apps of other receivers are not swept', async () => {
  server = await startS3Server()
  server.objects.begin('one/streams/left.ts', {})
  server.objects.begin('two/streams/runs.ts', {})
  await start({ APPS: 'one' })
  await until('a sweep', () => (server.objects.uploads.size === 1 ? true : undefined))
  expect([...server.objects.uploads.values()].map(({ key }) => key)).toEqual(['two/streams/runs.ts'])
  await start({ APPS: 'LiveApp', S3_PREFIX: 'two/streams' })
  await until('a sweep', () => (server.objects.uploads.size === 0 ? true : undefined))
})

test('P9: a restart waits for no bucket that was its own before, and sweeps when that answers', {
  timeout: 40_000,
}, async () => {
  server = await startS3Server()
  const first = await start()
  await put(first, NAME, 'first')
  await stored(NAME, 'first')
  await end(first, true)
  server.objects.begin('live/streams/left.ts', {})
  server.behaviour.fault = () => ({ kind: 'hang' })
  const began = performance.now()
  const again = await start({ DATA_DIR: first.dataDir })
  expect(performance.now() - began).toBeLessThan(START_MS)
  await put(again, 'cam000000002.ts', 'second')
  server.behaviour.fault = () => undefined
  await stored('cam000000002.ts', 'second')
  await until('a sweep', () => (server.objects.uploads.size === 0 ? true : undefined), 35_000)
})

test('P3: one that was taken over while it was away keeps what it accepts, writes nothing, says why, and is not ready', async () => {
  server = await startS3Server()
  const first = await start()
  await end(first, true)
  await start({ S3_TAKE_OVER: 'true' })
  const again = await start({ DATA_DIR: first.dataDir })
  await put(again, NAME, 'kept')
  const says = (text: string) => until(text, () => again.logLines.some((line) => line.includes(text)) || undefined)
  await says('belongs to the receiver')
  expect((await fetch(`${again.url}/readyz`)).status).toBe(503)
  await says('object store: refused')
  expect(inBucket(NAME)).toBeUndefined()
  expect(await (await fetch(`${again.url}/live/streams/${NAME}`)).text()).toBe('kept')
})
