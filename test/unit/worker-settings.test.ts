import { describe, expect, test } from 'vitest'
import { readConfig } from '../../src/config/schema.ts'
import { checkWorker } from '../../src/config/worker-settings.ts'

const WORKER_KEY = 'key-of-the-workers'

describe('the settings of workers', () => {
  test('go together: Redis needs a key, and a worker a receiver too', () => {
    expect(() => readConfig({ REDIS_URL: 'redis://redis:6379' })).toThrow('REDIS_URL needs WORKER_KEY')
    const config = readConfig({ REDIS_URL: 'rediss://user:secret@redis:6380/1', WORKER_KEY })
    expect(checkWorker(config)).toBe('A worker needs RECEIVER_URL.')
    expect(checkWorker({ ...config, RECEIVER_URL: 'http://receiver' })).toBeUndefined()
    expect(checkWorker(readConfig({}))).toBe('A worker needs REDIS_URL, RECEIVER_URL, WORKER_KEY.')
  })

  test.each(['http://:secret@redis', ':secret@redis', 'redis:', 'redis://:secret@:1:2'])(
    '%s is no Redis, and is not told',
    (REDIS_URL) => {
      const read = () => readConfig({ REDIS_URL, WORKER_KEY })
      expect(read).toThrow(/^REDIS_URL: wants a URL like redis:/)
      expect(read).not.toThrow(/secret@redis|:secret@:/)
    },
  )

  test.each(['short', 'has a space in it all', 'comma,comma,comma,comma'])('%s is no key for workers', (key) => {
    expect(() => readConfig({ WORKER_KEY: key })).toThrow(/^WORKER_KEY: /)
  })

  test.each(['a b', 'a:b', '', 'x'.repeat(65)])('%j is no name for a queue', (JOB_QUEUE) => {
    expect(() => readConfig({ JOB_QUEUE })).toThrow(/^JOB_QUEUE: /)
  })

  test.each(['ftp://receiver', 'http://user:secret@receiver'])('%s is no receiver', (RECEIVER_URL) => {
    expect(() => readConfig({ RECEIVER_URL })).toThrow(/^RECEIVER_URL: /)
  })
})
