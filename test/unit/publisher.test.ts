import { describe, expect, test } from 'vitest'
import { ReceiverError } from '../../src/core/errors.ts'
import { mediaList, names, Trial } from '../support/trial.ts'

const LIST = 'a.m3u8'
const END = '#EXT-X-ENDLIST'
const [a0 = '', a1 = '', a2 = ''] = names('a', 3)

/** Lets the next commit of the journal fail, once. */
function failNextCommit({ journal }: Trial): void {
  const { commit } = journal
  journal.commit = async () => {
    journal.commit = commit
    throw new ReceiverError('disk-full')
  }
}

describe('an accepted version', () => {
  test('is acknowledged at once, whether its segments are here or not', async () => {
    const trial = new Trial()
    expect(await trial.put(LIST, mediaList(0, [a0]))).toBe('created')
    expect(await trial.put(LIST, mediaList(0, [a0, a1]))).toBe('replaced')
    expect(await trial.readBack(LIST)).toBe(mediaList(0, [a0, a1]))
    expect(await trial.put(LIST, '')).toBe('empty')
    expect(await trial.readBack(LIST)).toBe(mediaList(0, [a0, a1]))
  })

  test('P1: is read back after the receiver stopped, and so is what was served', async () => {
    const trial = new Trial()
    await trial.segments([a0])
    await trial.put(LIST, mediaList(0, [a0, a1]))
    await trial.restart()
    expect(await trial.readBack(LIST)).toBe(mediaList(0, [a0, a1]))
    expect(await trial.served(LIST)).toBe(mediaList(0, [a0]))
    await trial.segments([a1])
    expect(await trial.served(LIST)).toBe(mediaList(0, [a0, a1]))
  })

  test('changes nothing when it is older, and is acknowledged all the same', async () => {
    const trial = new Trial()
    await trial.segments([a0, a1, a2])
    await trial.put(LIST, mediaList(0, [a0, a1, a2], END))
    expect(await trial.put(LIST, mediaList(0, [a0, a1]))).toBe('replaced')
    expect(await trial.readBack(LIST)).toBe(mediaList(0, [a0, a1, a2], END))
    expect(await trial.served(LIST)).toBe(mediaList(0, [a0, a1, a2], END))
  })

  test('is not taken for a new run when it is older and its segments came behind a newer one', async () => {
    const trial = new Trial()
    await trial.put(LIST, mediaList(0, [a0, a1, a2]))
    await trial.segments([a0, a1, a2])
    await trial.put(LIST, mediaList(0, [a0, a1]))
    expect(await trial.served(LIST)).toBe(mediaList(0, [a0, a1, a2]))
  })

  test('of two on their way at once is the one that says more, whichever ends first', async () => {
    for (const order of ['older first', 'newer first']) {
      const trial = new Trial()
      await trial.segments([a0, a1])
      const [older, newer] = [trial.begin(LIST), trial.begin(LIST)]
      await older.send(mediaList(0, [a0]))
      await newer.send(mediaList(0, [a0, a1]))
      const ends = order === 'older first' ? [older.end(), newer.end()] : [newer.end(), older.end()]
      await Promise.all(ends)
      expect(await trial.served(LIST), order).toBe(mediaList(0, [a0, a1]))
    }
  })

  test('that was cut changes nothing', async () => {
    const trial = new Trial()
    await trial.segments([a0, a1])
    await trial.put(LIST, mediaList(0, [a0]))
    const upload = trial.begin(LIST)
    await upload.send(mediaList(0, [a0, a1]))
    await upload.cut()
    await expect(upload.end()).rejects.toMatchObject({ code: 'body-cut' })
    expect(await trial.served(LIST)).toBe(mediaList(0, [a0]))
    expect(await trial.readBack(LIST)).toBe(mediaList(0, [a0]))
  })
})

describe('P9: a playlist is published', () => {
  test('when what it waits for comes, and so is every other that waits for it', async () => {
    const trial = new Trial()
    const lists = [LIST, 'b.m3u8', 'c.m3u8']
    for (const list of lists) await trial.put(list, mediaList(0, [a0]))
    await trial.segments([a0])
    for (const list of lists) expect(await trial.played(list)).toEqual([a0])
  })

  test('when what it waits for comes while the version is being accepted', async () => {
    const trial = new Trial()
    const [list, segment] = [trial.begin(LIST), trial.begin(a0)]
    await list.send(mediaList(0, [a0]))
    await segment.send('at the same time')
    await Promise.all([list.end(), segment.end()])
    expect(await trial.played(LIST)).toEqual(['at the same time'])
  })

  test('with a hole at its time, although nothing at all comes any more', async () => {
    const trial = new Trial()
    await trial.segments([a0, a2])
    await trial.put(LIST, mediaList(0, [a0, a1, a2], END))
    await trial.restart()
    await trial.restart()
    await trial.clock.advance(2_000)
    expect(await trial.played(LIST)).toEqual([a0, 'GAP', a2])
  })

  test('after its journal failed for a moment, although nothing comes any more', async () => {
    const trial = new Trial()
    await trial.put(LIST, mediaList(0, [a0], END))
    const upload = trial.begin(a0)
    await upload.send(a0)
    const { commit } = trial.journal
    trial.journal.commit = (writes) => {
      if (writes.some(({ key }) => key.startsWith('s/'))) return commit(writes)
      trial.journal.commit = commit
      return Promise.reject(new ReceiverError('disk-full'))
    }
    await upload.end()
    expect(await trial.served(LIST)).toBeUndefined()
    await trial.clock.advance(60_000)
    expect(await trial.played(LIST)).toEqual([a0])
  })
})

describe('P1: what could not be made durable', () => {
  test('is refused, and neither served nor read back; the next version is taken as if it had not been', async () => {
    const trial = new Trial()
    await trial.segments([a0, a1, a2])
    await trial.put(LIST, mediaList(0, [a0]))
    failNextCommit(trial)
    await expect(trial.put(LIST, mediaList(0, [a0, a1]))).rejects.toMatchObject({ code: 'disk-full' })
    expect(await trial.served(LIST)).toBe(mediaList(0, [a0]))
    expect(await trial.readBack(LIST)).toBe(mediaList(0, [a0]))
    await trial.put(LIST, mediaList(0, [a0, a1, a2]))
    expect(await trial.served(LIST)).toBe(mediaList(0, [a0, a1, a2]))
  })

  test('of a long list leaves its chunks as they were', async () => {
    const trial = new Trial()
    const all = names('a', 80)
    await trial.segments(all)
    for (let count = 1; count <= 80; count++) {
      const list = mediaList(0, all.slice(0, count))
      if (count % 7 === 0) {
        failNextCommit(trial)
        await expect(trial.put(LIST, list)).rejects.toMatchObject({ code: 'disk-full' })
        if (count % 2 === 0) continue
      }
      await trial.put(LIST, list)
      expect(await trial.readBack(LIST)).toBe(list)
      expect(await trial.served(LIST)).toBe(list)
      expect(
        new Set([...trial.journal.entries('c/')].map(([key]) => key.replace(/\d{6}[a-z]+$/, ''))).size,
      ).toBeLessThan(2)
    }
  })
})

describe('P1: the first playlist of a new run that overtook its segment', () => {
  test('counts when the segment comes, although the receiver was restarted between', async () => {
    const trial = new Trial()
    await trial.segments([a0, a1])
    await trial.put(LIST, mediaList(0, [a0, a1]))
    expect(await trial.put(LIST, mediaList(0, [a0], END))).toBe('replaced')
    await trial.restart()
    await trial.segments([a0], ' anew')
    expect(await trial.played(LIST)).toEqual([`- ${a0} anew`])
  })

  test('does not bring back the run before when that goes on after all', async () => {
    const trial = new Trial()
    await trial.segments([a0, a1])
    await trial.put(LIST, mediaList(0, [a0, a1]))
    await trial.put(LIST, mediaList(0, [a0]))
    await trial.segments([a2])
    await trial.put(LIST, mediaList(0, [a0, a1, a2]))
    await trial.segments([a0], ' much later')
    expect(await trial.played(LIST)).toEqual([a0, a1, a2])
  })
})

test('P7: what an encoder sends never shows in the log, but names', async () => {
  const trial = new Trial()
  const url = 'http://h.example/live/k/SECRET/hls-upload/a0.ts?token=SECRET'
  await trial.put(LIST, mediaList(0, [url]))
  await trial.put(LIST, mediaList(5, [url]))
  await expect(trial.put(LIST, `${mediaList(0, [url])}no line end`)).rejects.toThrow()
  await trial.clock.advance(10_000)
  expect(trial.log.length).toBeGreaterThan(0)
  expect(JSON.stringify(trial.log)).not.toContain('SECRET')
})

test('P9: a list that could not be made durable takes nothing from what the one before waits for', async () => {
  const trial = new Trial()
  await trial.segments([a0, a2])
  await trial.put(LIST, mediaList(0, [a0, a1, a2]))
  const { commit } = trial.journal
  trial.journal.commit = (writes) =>
    writes.some(({ key }) => key.startsWith('p/')) ? Promise.reject(new ReceiverError('disk-full')) : commit(writes)
  await expect(trial.put(LIST, mediaList(2, [a2]))).rejects.toMatchObject({ code: 'disk-full' })
  trial.journal.commit = commit
  await trial.clock.advance(3_000)
  expect(await trial.played(LIST)).toEqual([a0, 'GAP', a2])
})

test('P8: a receiver that was closed writes nothing any more, and its next life goes on with what waited', async () => {
  const trial = new Trial()
  await trial.segments([a0, a2])
  await trial.put(LIST, mediaList(0, [a0, a1, a2]))
  const closed = trial.receiver.close(1_000)
  await trial.clock.advance(1_000)
  await closed
  const { commit } = trial.journal
  let commits = 0
  trial.journal.commit = async (writes) => {
    commits++
    return commit(writes)
  }
  await trial.clock.advance(30_000)
  expect(commits).toBe(0)
  trial.journal.commit = commit
  await trial.restart()
  await trial.segments([a1])
  expect(await trial.played(LIST)).toEqual([a0, a1, a2])
})
