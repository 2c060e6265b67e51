import { afterEach, beforeEach, expect, test } from 'vitest'
import { readConfig } from '../../src/config/schema.ts'
import { doctor } from '../../src/node/doctor.ts'
import { nodeS3Runtime } from '../../src/node/s3-runtime.ts'
import { examineBucket } from '../../src/stores/s3/examine.ts'
import { type Fault, type S3Server, startS3Server } from '../support/s3/server.ts'
import { s3Environment } from '../support/s3/settings.ts'
import { settingsOf } from '../support/s3/store.ts'

let server: S3Server

beforeEach(async () => {
  server = await startS3Server()
})

afterEach(() => server.stop())

async function ask(more: Record<string, string> = {}): Promise<{ isWell: boolean; lines: string[]; last: string }> {
  const lines: string[] = []
  const isWell = await doctor(readConfig({ ...s3Environment(server.url), ...more }), (line) => lines.push(line))
  return { isWell, lines, last: lines.at(-1) ?? '' }
}

function plant(fault: Fault, isMeant: (method: string, isPart: boolean) => boolean): void {
  server.behaviour.fault = ({ method, query }) => (isMeant(method, query.has('uploads')) ? fault : undefined)
}

test('a bucket in order: every check is well, and nothing is left behind', async () => {
  const { isWell, lines } = await ask()
  expect(lines.slice(1).map((line) => line.slice(0, 24).trim())).toEqual([
    'ok   list',
    'ok   put',
    'ok   head',
    'ok   get',
    'ok   clock',
    'ok   put in parts',
    'ok   parts left behind',
    'ok   delete',
    'ok   conditional create',
    'ok   latency',
  ])
  expect(isWell).toBe(true)
  expect([server.objects.all(), server.objects.uploads.size]).toEqual([[], 0])
})

test.each<[string, Record<string, string>, RegExp]>([
  ['the secret is wrong', { S3_SECRET_ACCESS_KEY: 'wrong' }, /FAIL list .*S3_SECRET_ACCESS_KEY/],
  ['the key is not known', { S3_ACCESS_KEY_ID: 'wrong' }, /FAIL list .*S3_ACCESS_KEY_ID/],
  ['there is no such bucket', { S3_BUCKET: 'wrong' }, /FAIL list .*There is no bucket wrong: check S3_BUCKET/],
  ['nothing listens', { S3_ENDPOINT: 'http://127.0.0.1:9' }, /FAIL list .*Nothing listens at http:\/\/127.0.0.1:9/],
  [
    'the bucket is in the host name, which nobody knows',
    { S3_FORCE_PATH_STYLE: 'false', S3_ENDPOINT: 'http://store.invalid' },
    /FAIL list .*S3_FORCE_PATH_STYLE=true/,
  ],
])('it says in plain words that %s', async (_what, settings, wanted) => {
  const { isWell, last, lines } = await ask(settings)
  expect(last).toMatch(wanted)
  expect(isWell).toBe(false)
  expect(lines.join('\n')).not.toContain('testsecret')
})

test.each<[string, Fault, RegExp]>([
  ['the region', { kind: 'status', status: 301, code: 'PermanentRedirect' }, /S3_REGION/],
  ['the clock', { kind: 'status', status: 403, code: 'RequestTimeTooSkewed' }, /NTP/],
  ['ACLs', { kind: 'status', status: 400, code: 'AccessControlListNotSupported' }, /leave S3_ACL empty/],
  ['a right', { kind: 'status', status: 403, code: 'AccessDenied' }, /not allowed/],
  ['the space', { kind: 'status', status: 507, code: 'InsufficientCapacity' }, /no room/],
])('a put that fails for %s', async (_what, fault, wanted) => {
  plant(fault, (method) => method === 'PUT')
  const { last } = await ask()
  expect(last).toMatch(/^FAIL put /)
  expect(last).toMatch(wanted)
})

test('parts that are refused', async () => {
  plant({ kind: 'status', status: 403, code: 'AccessDenied' }, (method, isPart) => method === 'POST' && isPart)
  expect((await ask()).last).toMatch(/^FAIL put in parts +This is not allowed/)
})

test('checksums that are refused', async () => {
  server.behaviour.refusesChecksums = true
  expect((await ask({ S3_CHECKSUMS: 'when_supported' })).last).toMatch(/S3_CHECKSUMS=when_required/)
  expect((await ask()).isWell).toBe(true)
})

test.each(['ignore', 'refuse'] as const)('a store that would %s conditions is for one receiver', async (conditions) => {
  server.behaviour.conditions = conditions
  const { isWell, lines } = await ask()
  expect(isWell).toBe(true)
  expect(lines.join('\n')).toMatch(/ok +conditional create +(ignored|refused): only one receiver may use this prefix/)
})

test.each(['ignore', 'refuse'] as const)(
  'a store that would %s conditions is not for S3_SHARED',
  async (conditions) => {
    server.behaviour.conditions = conditions
    const { isWell, last } = await ask({ S3_SHARED: 'true' })
    expect(isWell).toBe(false)
    expect(last).toMatch(/^FAIL conditional create (ignored|refused): .*S3_SHARED=false/)
    expect(server.objects.all()).toEqual([])
  },
)

test.each<[string, (method: string, query: URLSearchParams) => boolean]>([
  ['listed', (method, query) => method === 'GET' && query.has('uploads')],
  ['given up', (method, query) => method === 'DELETE' && query.has('uploadId')],
])('uploads in parts that may not be %s', async (_what, isMeant) => {
  server.behaviour.fault = ({ method, query }) =>
    isMeant(method, query) ? { kind: 'status', status: 403, code: 'AccessDenied' } : undefined
  expect((await ask()).last).toMatch(/^FAIL parts left behind +This is not allowed/)
})

test.each([-60_000, 60_000])('a clock that differs by %d ms', async (skewMs) => {
  server.objects.now = () => Date.now() + skewMs
  expect((await ask()).last).toMatch(
    new RegExp(`^FAIL clock .* differ by ${skewMs < 0 ? '-' : ''}(59|60|61) s: set it by NTP`),
  )
})

/** Lines of a store each of whose requests takes `ms` of a clock that both share. */
async function slowly(ms: number): Promise<string[]> {
  let now = Date.now()
  server.objects.now = () => now
  server.behaviour.fault = () => {
    now += ms
    return undefined
  }
  const place = { prefix: 'live/streams', isShared: false }
  const lines: string[] = []
  for await (const { isGood, text } of examineBucket(settingsOf(server), nodeS3Runtime, place, () => now)) {
    lines.push(`${isGood} ${text}`)
  }
  return lines
}

test('a slow store is no store with another clock, and is measured as far as there is time', async () => {
  const lines = await slowly(20_000)
  expect(lines.filter((line) => !line.startsWith('true'))).toEqual([])
  expect(lines.at(-1)).toContain('put in 20000 ms (p50), 20000 ms (p95), 20000 ms (p99), of 1 puts')
})

test('what a check leaves behind when it fails is removed', async () => {
  let left = 1
  server.behaviour.fault = ({ method, key }) =>
    method === 'DELETE' && key.endsWith('-3') && left-- > 0
      ? { kind: 'status', status: 503, code: 'SlowDown' }
      : undefined
  expect((await ask()).last).toMatch(/^FAIL latency/)
  expect(server.objects.all().map(({ key }) => key)).toEqual([])
})

test('one write a second of each key is enough', async () => {
  server.behaviour.writeIntervalMs = 1_000
  expect(await ask()).toMatchObject({ isWell: true })
  expect(server.objects.all()).toEqual([])
})

test('without STORE=s3 there is nothing to check', async () => {
  await expect(doctor(readConfig({}), () => {})).rejects.toThrow('set STORE=s3')
})
