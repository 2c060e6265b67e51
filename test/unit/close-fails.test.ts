import { expect, test } from 'vitest'
import { ReceiverError } from '../../src/core/errors.ts'
import { STORE_RETRY_MIN_MS } from '../../src/core/limits.ts'
import { mediaList, Trial } from '../support/trial.ts'

const FILE = 'all.ts'
const RANGES = mediaList(0, [`#EXTINF:2.000000,\n#EXT-X-BYTERANGE:4@0\n${FILE}`])

test.each(['cut', 'whole'] as const)(
  'P1: a %s body of which ranges are served is stored, though the journal failed at its end',
  async (how) => {
    const trial = new Trial()
    const upload = trial.begin(FILE)
    await upload.send('0123')
    await trial.put('a.m3u8', RANGES)
    const { commit } = trial.journal
    let failures = 2
    Object.assign(trial.journal, {
      commit(...args: Parameters<typeof commit>) {
        if (failures-- > 0) return Promise.reject(new ReceiverError('storage-unavailable'))
        return commit(...args)
      },
    })
    if (how === 'cut') await upload.cut()
    else await expect(upload.end()).rejects.toMatchObject({ code: 'storage-unavailable' })
    expect(await trial.store.head(`live/streams/${FILE}`)).toBeNull()
    await trial.clock.advance(3 * STORE_RETRY_MIN_MS)
    expect((await trial.store.head(`live/streams/${FILE}`))?.size).toBe(4)
    expect(await trial.played('a.m3u8')).toEqual(['0123'])
  },
)
