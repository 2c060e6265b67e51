import { describe, expect, test } from 'vitest'
import { StorageError } from '../../src/core/object-store.ts'
import { removedWrites } from '../../src/core/removal/removed-names.ts'
import { storeKey } from '../../src/core/storing/store-key.ts'
import { TakenOn } from '../../src/core/take-over/take-over.ts'
import { textBatches } from '../../src/core/take-over/text-batches.ts'
import { readServed } from '../../src/testing/served-playlist.ts'
import { sendRun } from '../support/sent-run.ts'
import { Trial } from '../support/trial.ts'

const LIST = 'cam.m3u8'
const CAM = { list: LIST, prefix: 'cam', count: 8 }

/** Has the store refuse keys that end so; the returned function has it give them again. */
function refusing({ store }: Trial, ends: string, retryable: boolean): () => void {
  const { get } = store
  store.get = async (key, options) => {
    if (key.endsWith(ends)) throw new StorageError(retryable ? 'unavailable' : 'refused', retryable)
    return get.call(store, key, options)
  }
  return () => {
    store.get = get
  }
}

const diskOf = ({ journal }: Trial) => [...journal.entries('')].map(([key, value]) => ({ key, value }))

test.each(['restart', 'take-over'])(
  'P3: names of files that were removed are not given again after a %s',
  async (how) => {
    const trial = new Trial()
    await sendRun(trial, { ...CAM, count: 20, isEnded: true })
    await trial.clock.advance(120_000)
    const gone = Array.from({ length: 10 }, (_, index) => `cam${String(index + 1).padStart(9, '0')}.ts`)
    await trial.store.delete(gone.map((name) => storeKey('live', name)))
    const forgotten = gone.map((name) => ({ key: `s/live/${name}`, value: null }))
    await trial.journal.commit([...removedWrites(trial.journal, 'live', gone), ...forgotten])
    if (how === 'restart') await trial.restart()
    else {
      await trial.loseDisk()
      await trial.takeOver()
    }
    await sendRun(trial, { ...CAM, count: 4, mark: ' anew', isEnded: true })
    const shown = readServed((await trial.served(LIST)) ?? '').entries.map(({ uri }) => uri)
    expect(shown.filter((uri) => gone.includes(uri))).toEqual([])
  },
)

describe('P4, P5: where another receiver goes on meanwhile', () => {
  test('one that comes back with its old disk says so, and does not start', async () => {
    const trial = new Trial()
    await sendRun(trial, { ...CAM, isEnded: false })
    await trial.clock.advance(10_000)
    const disk = diskOf(trial)
    await trial.loseDisk()
    await trial.takeOver()
    await sendRun(trial, { ...CAM, count: 20 }, 8)
    await trial.clock.advance(60_000)
    await trial.loseDisk()
    await trial.journal.commit(disk)
    await expect(trial.takeOver()).rejects.toThrow(TakenOn)
  })

  test('one that had not come to its end takes up anew what it had taken up', async () => {
    const trial = new Trial()
    await sendRun(trial, { ...CAM, isEnded: false })
    await sendRun(trial, { list: 'dog.m3u8', prefix: 'dog', count: 8 })
    await trial.clock.advance(10_000)
    const first = diskOf(trial)
    await trial.loseDisk()
    const giveAgain = refusing(trial, 'dog.m3u8', true)
    await expect(trial.takeOver()).rejects.toThrow(StorageError)
    giveAgain()
    const second = diskOf(trial)
    await trial.loseDisk()
    await trial.journal.commit(first)
    await trial.restart()
    await sendRun(trial, { ...CAM, count: 30, isEnded: true }, 8)
    await trial.clock.advance(60_000)
    await trial.loseDisk()
    await trial.journal.commit(second)
    await trial.takeOver()
    await trial.clock.advance(10_000)
    expect(await trial.recorded(LIST)).toHaveLength(30)
  })
})

describe('what the store refuses to give for good', () => {
  test.each(['the text of a run', 'segments'])('keeps nobody from starting: %s', async (what) => {
    const trial = new Trial()
    await sendRun(trial, { ...CAM, isEnded: true })
    await trial.clock.advance(120_000)
    await sendRun(trial, { ...CAM, count: 9, mark: ' anew' })
    await trial.clock.advance(20_000)
    const { keys } = await trial.store.list('live/streams/')
    const text = keys.find((key) => /cam-.*m3u8$/.test(key)) ?? ''
    await trial.loseDisk()
    const giveAgain = refusing(trial, what === 'segments' ? '.ts' : text, false)
    await trial.takeOver()
    giveAgain()
    expect((await trial.played(LIST)).length).toBeGreaterThan(0)
  })
})

test('P6: a text of lines without segments is given up before it fills the memory', async () => {
  let given = 0
  async function* body() {
    const head =
      '#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-PLAYLIST-TYPE:VOD\n'
    yield new TextEncoder().encode(head)
    for (; given < 1_000_000; given += 100) yield new TextEncoder().encode('#a comment\n'.repeat(100))
  }
  const read = async () => {
    for await (const _ of textBatches(body(), () => true));
  }
  await expect(read()).rejects.toThrow('too many lines')
  expect(given).toBeLessThan(20_000)
})
