import { afterEach, beforeEach, expect, test } from 'vitest'
import type { S3Store } from '../../src/stores/s3/s3-store.ts'
import { type Fault, type S3Server, startS3Server } from '../support/s3/server.ts'
import { storeOf } from '../support/s3/store.ts'

const KEY = 'probe'

let server: S3Server
let store: S3Store

beforeEach(async () => {
  server = await startS3Server()
  store = storeOf(server)
})

afterEach(async () => {
  await store.close()
  await server.stop()
})

const isConditional = (headers: Record<string, unknown>) => headers['if-none-match'] !== undefined

test.each([
  ['honour', 'honoured'],
  ['ignore', 'ignored'],
  ['refuse', 'refused'],
] as const)('conditions of a store that would %s them are found %s, and nothing is left', async (conditions, found) => {
  server.behaviour.conditions = conditions
  expect(await store.probeConditions(KEY)).toBe(found)
  expect(store.capabilities.conditionalCreate).toBe(found === 'honoured')
  expect(server.objects.all()).toEqual([])
})

test('conditions that are answered 400 are refused where the same put succeeds without', async () => {
  server.behaviour.fault = ({ method, headers }) =>
    method === 'PUT' && isConditional(headers) ? { kind: 'status', status: 400, code: 'InvalidArgument' } : undefined
  expect(await store.probeConditions(KEY)).toBe('refused')
})

test.each<[string, Fault]>([
  ['ACLs', { kind: 'status', status: 400, code: 'AccessControlListNotSupported' }],
  ['credentials', { kind: 'status', status: 400, code: 'ExpiredToken' }],
  ['checksums', { kind: 'status', status: 501, code: 'NotImplemented' }],
])('puts that fail for %s are not taken for refused conditions', async (_what, fault) => {
  server.behaviour.fault = ({ method }) => (method === 'PUT' ? fault : undefined)
  const code = 'code' in fault ? fault.code : ''
  await expect(store.probeConditions(KEY)).rejects.toMatchObject({ cause: { name: code } })
})
