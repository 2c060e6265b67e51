import { expect, test } from 'vitest'
import { ConfigError, readConfig } from '../../src/config/schema.ts'
import { openWebhooks } from '../../src/node/webhooks.ts'
import { memoryJournal } from '../../src/stores/memory-custody.ts'
import { simulatedHost } from '../simulation/world/surroundings.ts'
import { FakeClock } from '../support/fake-clock.ts'

const SECRET = `whsec_${Buffer.alloc(24, 7).toString('base64')}`

function messageOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    if (error instanceof ConfigError) return error.message
  }
  return 'no ConfigError'
}

function opened(environment: Record<string, string>) {
  const warnings: string[] = []
  const log = { info() {}, warn: (event: string) => void warnings.push(event), error() {} }
  const queue = openWebhooks(readConfig(environment), simulatedHost(new FakeClock(), 0, log), memoryJournal())
  const isTold = (app: string, id: string) =>
    queue.writes({ action: 'liveStreamStarted', app, id, timestamp: 0 }).length > 0
  return { isTold, warnings }
}

test('a URL is for all, for an app or for a stream; there may be = in it', () => {
  const LISTENER_HOOK_URL = 'https://a.example/x?y=z, live=https://u:p@b.example/, live/cam1=HTTP://c.example:81/%2C=#f'
  expect(readConfig({ LISTENER_HOOK_URL }).LISTENER_HOOK_URL).toEqual([
    { value: 'https://a.example/x?y=z', app: undefined, stream: undefined },
    { value: 'https://u:p@b.example/', app: 'live', stream: undefined },
    { value: 'HTTP://c.example:81/%2C=#f', app: 'live', stream: 'cam1' },
  ])
})

test.each([
  'hooks.example',
  'ftp://hooks.example/',
  'live=file:///etc/passwd',
  'https://',
  'https://hooks.example/secret word',
  'https://a.example/secret,rest',
  'https://a.example/secret1,https://b.example/secret2',
  'live=https://a.example/secret,live=https://b.example/',
  'live/cam1/x=https://a.example/secret',
  '=https://a.example/secret',
])('LISTENER_HOOK_URL=%s is refused, and not shown', (LISTENER_HOOK_URL) => {
  const message = messageOf(() => readConfig({ LISTENER_HOOK_URL }))
  expect(message).toMatch(/^LISTENER_HOOK_URL: wants URL, APP=URL or APP\/STREAM=URL/)
  expect(message).not.toMatch(/secret|passwd/)
})

test('secrets are read as Standard Webhooks has them', () => {
  const next = `whsec_${Buffer.alloc(64, 255).toString('base64')}`
  expect(readConfig({ WEBHOOK_SECRETS: `${SECRET},${next}` }).WEBHOOK_SECRETS).toEqual([
    new Uint8Array(24).fill(7),
    new Uint8Array(64).fill(255),
  ])
})

test.each([
  SECRET.slice('whsec_'.length),
  `whsec_${Buffer.alloc(23, 7).toString('base64')}`,
  `whsec_${Buffer.alloc(65, 7).toString('base64')}`,
  'whsec_',
  'whsec_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH!',
  'whsec_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHB',
  'whsec_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=BwcH',
  `${SECRET},BwcHBwcHBwcHBwcH`,
])('WEBHOOK_SECRETS=%s is refused, and not shown', (WEBHOOK_SECRETS) => {
  const message = messageOf(() => readConfig({ WEBHOOK_SECRETS }))
  expect(message).toMatch(/^WEBHOOK_SECRETS: wants secrets like whsec_/)
  expect(message).not.toContain('BwcH')
})

test.each([
  'http://127.0.0.1:3000/hook',
  'https://localhost/hook',
  'live/cam1=http://[::1]/hook',
  'http://2130706433/',
  'http://0x7f.1/',
  'http://169.254.169.254/latest/meta-data',
])('%s ends the start, unless private addresses are allowed', (LISTENER_HOOK_URL) => {
  expect(messageOf(() => opened({ LISTENER_HOOK_URL }))).toMatch(/WEBHOOK_ALLOW_PRIVATE=true/)
  expect(() => opened({ LISTENER_HOOK_URL, WEBHOOK_ALLOW_PRIVATE: 'true' })).not.toThrow()
})

test('without secrets the log warns, once there is a URL', () => {
  expect(opened({}).warnings).toEqual([])
  expect(opened({ LISTENER_HOOK_URL: 'https://hooks.example/' }).warnings).toHaveLength(1)
  expect(opened({ LISTENER_HOOK_URL: 'https://hooks.example/', WEBHOOK_SECRETS: SECRET }).warnings).toEqual([])
})

test('an event is written down where the URL of its app or stream is set, also with dots and folders in its id', () => {
  const { isTold } = opened({ LISTENER_HOOK_URL: 'live=https://a.example/,other/cam.1=https://b.example/' })
  expect(isTold('live', 'any')).toBe(true)
  expect(isTold('other', 'cam.1')).toBe(true)
  expect(isTold('other', 'berlin/cam.1')).toBe(true)
  expect(isTold('other', 'cam.12')).toBe(false)
  expect(isTold('other', 'cam')).toBe(false)
  expect(isTold('third', 'cam.1')).toBe(false)
})
