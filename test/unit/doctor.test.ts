import { afterEach, beforeEach, expect, test } from 'vitest'
import { readConfig } from '../../src/config/schema.ts'
import { doctor } from '../../src/node/doctor.ts'
import { type Fault, type S3Server, startS3Server } from '../support/s3/server.ts'
import { s3Environment } from '../support/s3/settings.ts'

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

test('one write a second of each key is enough', async () => {
  server.behaviour.writeIntervalMs = 1_000
  expect(await ask()).toMatchObject({ isWell: true })
  expect(server.objects.all()).toEqual([])
})

test('without STORE=s3 there is nothing to check', async () => {
  await expect(doctor(readConfig({}), () => {})).rejects.toThrow('set STORE=s3')
})
