import { describe, expect, test } from 'vitest'
import { ReceiverError } from '../../src/core/errors.ts'
import { mediaList, names, Trial } from '../support/trial.ts'

const LIST = 'a.m3u8'
const END = '#EXT-X-ENDLIST'
const [a0 = '', a1 = '', a2 = ''] = names('a', 3)

/** A list of a0 and a1 is served, and the first one of the next run, of a0 alone, came before its segment. */
async function overtaken(write = (list: string) => list): Promise<Trial> {
  const trial = new Trial()
  await trial.segments([a0, a1])
  await trial.put(LIST, write(mediaList(0, [a0, a1])))
  expect(await trial.put(LIST, write(mediaList(0, [a0], END)))).toBe('replaced')
  return trial
}

describe('P1: the first playlist of a new run that overtook its segment', () => {
  test('counts although the journal failed for a moment when the segment came', async () => {
    const trial = await overtaken()
    const { commit } = trial.journal
    trial.journal.commit = (writes) => {
      if (!writes.some(({ key }) => key.startsWith('p/'))) return commit(writes)
      trial.journal.commit = commit
      return Promise.reject(new ReceiverError('disk-full'))
    }
    await trial.segments([a0], ' anew')
    await trial.clock.advance(1_000)
    expect(await trial.played(LIST)).toEqual([`- ${a0} anew`])
  })

  test('counts when the segment takes as long as segments last', async () => {
    const trial = await overtaken((list) => list.replace('TARGETDURATION:2', 'TARGETDURATION:10'))
    const upload = trial.begin(a0)
    await upload.send('a0 anew')
    await trial.clock.advance(9_000)
    await upload.end()
    expect(await trial.played(LIST)).toEqual(['- a0 anew'])
  })

  test('does not replace a multivariant playlist that came after it', async () => {
    const trial = await overtaken()
    const multivariant = '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nb.m3u8\n'
    await trial.put(LIST, multivariant)
    await trial.segments([a0], ' much later')
    await trial.clock.advance(1_000)
    expect(await trial.readBack(LIST)).toBe(multivariant)
  })

  test('counts at the next start, when the segment came before a crash and its time is over', async () => {
    const trial = await overtaken()
    const { commit } = trial.journal
    let isDead = false
    trial.journal.commit = (writes) =>
      isDead || writes.some(({ key }) => key.startsWith('p/'))
        ? Promise.reject(new ReceiverError('disk-full'))
        : commit(writes)
    await trial.segments([a0], ' anew')
    isDead = true
    trial.clock.forget()
    await trial.clock.advance(6_000)
    trial.journal.commit = commit
    await trial.restart()
    expect(await trial.played(LIST)).toEqual([`- ${a0} anew`])
  })

  test('counts though a list that was sent before it comes after it', async () => {
    const trial = new Trial()
    await trial.segments([a0, a1, a2])
    await trial.put(LIST, mediaList(0, [a0, a1]))
    const late = trial.begin(LIST)
    await late.send(mediaList(0, [a0, a1, a2]))
    await trial.put(LIST, mediaList(0, [a0], END))
    await late.end()
    expect(await trial.played(LIST)).toEqual([a0, a1, a2])
    await trial.segments([a0], ' anew')
    expect(await trial.played(LIST)).toEqual([`- ${a0} anew`])
  })
})
