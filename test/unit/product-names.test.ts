import { describe, expect, test } from 'vitest'
import { contentOf } from '../../src/core/catalog.ts'
import { isProduct, productKey, productName } from '../../src/core/products/product-names.ts'
import { toBytes } from '../../src/core/records.ts'
import { policies, RESTART_POLICIES, type RestartPolicy } from '../../src/core/restart-policy.ts'
import { safePath } from '../../src/core/upload-path.ts'
import { NEVER_STALE } from '../simulation/world/surroundings.ts'
import { deleting, END, GONE_MS } from '../support/going-stream.ts'
import { mediaList, Trial } from '../support/trial.ts'

const NAME = 'cam1.mp4'
const KEY = productKey('vod', 'live', NAME)
const VIDEO = 'what was made of cam1'

/** Puts a video beside HLS, where both lie in one store. */
async function withVideo(trial: Trial): Promise<Trial> {
  await trial.journal.commit([productName('live', NAME)])
  await trial.store.put(KEY, contentOf(toBytes(VIDEO)), { contentType: 'video/mp4' })
  return trial
}

test('a name is that of a video only where it was taken for one', async () => {
  const { journal } = await withVideo(new Trial())
  expect(isProduct(journal, 'live', NAME)).toBe(true)
  for (const [app, name] of [
    ['one', NAME],
    ['live', 'cam1.webm'],
  ] as const) {
    expect(isProduct(journal, app, name)).toBe(false)
  }
})

describe.each<RestartPolicy>([...RESTART_POLICIES])('P3: under the policy %s', (policy) => {
  test('no upload takes the name of a video, before and after a restart', async () => {
    const trial = await withVideo(new Trial(NEVER_STALE, policies([{ policy }])))
    expect(await trial.put(NAME, 'an init section')).toBe('created')
    await trial.restart()
    await trial.put('cam10.m4s', 'a segment')
    await trial.put('cam1.m3u8', mediaList(0, [`#EXT-X-MAP:URI="${NAME}"`, 'cam10.m4s']))
    await trial.clock.advance(10_000)
    expect(await trial.stored(NAME)).toBe(VIDEO)
    expect(await trial.readBack(NAME)).toBe('an init section')
    expect(await trial.played('cam1.m3u8')).toEqual(['an init section/a segment'])
  })
})

test('a stream that is removed takes no video of its name with it', async () => {
  const trial = await withVideo(await deleting())
  await trial.put('cam10.ts', 'a segment')
  await trial.put('cam1.m3u8', mediaList(0, ['cam10.ts'], END))
  await trial.clock.advance(10_000)
  expect(await trial.stored('cam10.ts')).toBe('a segment')
  await trial.clock.advance(GONE_MS)
  expect([await trial.stored('cam10.ts'), await trial.stored(NAME)]).toEqual([undefined, VIDEO])
})

describe('a receiver that takes over', () => {
  test('knows its own videos again, and makes no file of a stream of them', async () => {
    const trial = await withVideo(new Trial())
    await trial.takeOver()
    expect(isProduct(trial.journal, 'live', NAME)).toBe(true)
    expect(await trial.readBack(NAME)).toBeUndefined()
  })

  test('takes what can be nothing else for videos of the one before', async () => {
    const trial = new Trial()
    for (const name of ['cam1.webm', 'cam1.ts']) {
      await trial.store.put(productKey('vod', 'live', name), contentOf(toBytes(name)), { contentType: 'video/webm' })
    }
    await trial.takeOver()
    expect(['cam1.webm', 'cam1.ts'].map((name) => isProduct(trial.journal, 'live', name))).toEqual([true, false])
  })
})

test.each(['cam1.webm/cam10.ts', 'cam1.png/cam10.ts', 'cam1.mp4/cam10.ts'])(
  'no folder is called like a file: %s',
  (name) => {
    expect(() => safePath(name.split('/'))).toThrow(expect.objectContaining({ code: 'name-invalid' }))
  },
)
