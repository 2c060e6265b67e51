import { expect, test } from 'vitest'
import { StorageError } from '../../src/core/object-store.ts'
import { keys, type StoredObject } from '../../src/core/records.ts'
import { mediaList, Trial } from '../support/trial.ts'

const LARGE = 'x'.repeat(100_000)

test('P2: what the disk lost never gets into the store, and its playlist there shows a hole', async () => {
  const trial = new Trial()
  const { put } = trial.store
  trial.store.put = () => Promise.reject(new StorageError('unavailable', true))
  await trial.put('a1.ts', LARGE)
  const object = JSON.parse(
    new TextDecoder().decode(trial.journal.get(keys.object('live', 'a1.ts')) ?? new Uint8Array(0)),
  ) as StoredObject
  await trial.files.remove([object.id])
  trial.store.put = put
  await trial.segments(['a2.ts'])
  await trial.put('a.m3u8', mediaList(1, ['a1.ts', 'a2.ts']))
  await trial.clock.advance(5_000)
  const found = await trial.store.get('live/streams/a.m3u8')
  const chunks: Uint8Array[] = []
  for await (const chunk of found?.body ?? []) chunks.push(chunk)
  expect(Buffer.concat(chunks).toString()).toContain('#EXT-X-GAP\na1.ts')
  expect(await trial.store.head('live/streams/a1.ts')).toBeNull()
  expect(trial.log.filter(({ event }) => event === 'accepted body is not here')).toHaveLength(1)
  expect(trial.receiver.spooled.objects).toBe(0)
  // Nobody waits for it, and it is written once.
  let puts = 0
  trial.store.put = async (...args) => {
    puts++
    await put(...args)
  }
  const closing = trial.receiver.close(60_000)
  let isClosed = false
  void closing.then(() => {
    isClosed = true
  })
  await trial.clock.advance(5_000)
  expect([isClosed, puts]).toEqual([true, 0])
})
