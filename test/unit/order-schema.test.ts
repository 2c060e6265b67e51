import { describe, expect, test } from 'vitest'
import { JobError } from '../../src/core/jobs/job.ts'
import type { InputFile, MakeOrder } from '../../src/core/making/order.ts'
import { failureText, readFailure, readOrder } from '../../src/recording/order-schema.ts'

const KEY = { stored: 'sub/one.key', iv: '0123456789abcdef0123456789ABCDEF' }
const FULL: MakeOrder = {
  id: '01-abc',
  app: 'live',
  format: 'png',
  height: 480,
  quality: 75,
  parts: [
    {
      init: { stored: 'cam_init.mp4', range: { start: 0, end: 800 } },
      files: [{ stored: 'sub/cam 1%41ü.m4s', range: { start: 5, end: 6 }, key: KEY }, { stored: 'b.m4s' }],
      seconds: 4.5,
    },
  ],
}
const copy = (order: unknown): unknown => JSON.parse(JSON.stringify(order))

describe('an order from the queue', () => {
  test.each([FULL, { id: 'a', app: 'live', format: 'mp4', parts: [{ files: [{ stored: 'a.ts' }], seconds: 0 }] }])(
    'is read as it was written: %#',
    (order) => {
      expect(readOrder(copy(order))).toEqual(order)
    },
  )

  test.each([
    ...['../a.ts', '/etc/passwd', 'a/../../b.ts', './a.ts', 'a//b.ts', '', '..%2f..%2fetc', 'a\\..\\b', '.hidden.ts'],
    ...['http://10.0.0.1/a.ts', 'a.ts?x=1', 'a\nb.ts', 'a.ts/b', '\ud800', 'x'.repeat(300)],
  ])('that names %j is none', (stored) => {
    const named = (file: InputFile) => ({ ...FULL, parts: [{ files: [file], seconds: 1 }] })
    const code = expect.objectContaining({ code: 'order-invalid' }) as Error
    expect(() => readOrder(named({ stored }))).toThrow(code)
    expect(() => readOrder(named({ stored: 'a.ts', key: { ...KEY, stored } }))).toThrow(code)
    expect(() =>
      readOrder({ ...FULL, parts: [{ files: [{ stored: 'a.ts' }], init: { stored }, seconds: 1 }] }),
    ).toThrow(code)
  })

  test.each([
    ['nothing', undefined],
    ['text', 'order'],
    ['another app', { ...FULL, app: '../live' }],
    ['another format', { ...FULL, format: 'exe' }],
    ['an option for ffmpeg', { ...FULL, height: '1:1,movie=/etc/passwd' }],
    ['no parts', { ...FULL, parts: [] }],
    ['more than an order has', { ...FULL, url: 'http://10.0.0.1/' }],
    ['another id', { ...FULL, id: '../../result' }],
    ['an empty range', { ...FULL, parts: [{ files: [{ stored: 'a', range: { start: 5, end: 5 } }], seconds: 1 }] }],
    ['a broken vector', { ...FULL, parts: [{ files: [{ stored: 'a', key: { ...KEY, iv: 'xy' } }], seconds: 1 }] }],
  ])('that has %s is none', (_, found) => {
    expect(() => readOrder(found)).toThrow(expect.objectContaining({ code: 'order-invalid' }) as Error)
  })
})

describe('why an order failed', () => {
  test.each([true, false, 'outage'] as const)('comes through the queue, %j', (retryable) => {
    const failure = new JobError('ffmpeg-failed', 'ffmpeg failed: "x" | y', { retryable })
    expect(readFailure(failureText(failure))).toMatchObject({ code: failure.code, message: failure.message, retryable })
  })

  test.each(['', 'job stalled more than allowable limit', '{}', '{"code":"A B","text":"","retryable":true}', 'null'])(
    'is the worker’s, to be tried again, where it is %j',
    (text) => {
      expect(readFailure(text)).toMatchObject({ code: 'worker-failed', retryable: true })
    },
  )

  test('is no longer than it may be', () => {
    expect(readFailure('x'.repeat(10_000)).message.length).toBeLessThan(300)
  })
})
