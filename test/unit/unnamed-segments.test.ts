import { describe, expect, test } from 'vitest'
import { DURATIONS_WAIT_MS, GAP_MEND_MS } from '../../src/core/limits.ts'
import { readServed } from '../../src/testing/served-playlist.ts'
import { captures } from '../support/captures.ts'
import { mediaList, names, Trial } from '../support/trial.ts'

const LIST = 'a.m3u8'
const END = '#EXT-X-ENDLIST'
const BREAK = '#EXT-X-DISCONTINUITY'
const [a0 = '', a1 = '', a2 = '', a3 = '', a4 = ''] = names('a', 5)

/** The durations that the recording says. */
async function durations(trial: Trial): Promise<number[]> {
  return readServed((await trial.recordedText(LIST)) ?? '').entries.map(({ duration }) => duration)
}

describe('P5: a segment that no playlist ever named is appended', () => {
  test('when its run has ended', async () => {
    const trial = new Trial()
    await trial.segments([a0, a1, a2])
    await trial.put(LIST, mediaList(0, [a0, a1]))
    expect(await trial.recorded(LIST)).toEqual([a0, a1])
    await trial.put(LIST, mediaList(0, [a0, a1], END))
    expect(await trial.recorded(LIST)).toEqual([a0, a1, a2])
    await trial.restart()
    expect(await trial.recorded(LIST)).toEqual([a0, a1, a2])
  })

  test('when the encoder was killed before its list, and starts over', async () => {
    const trial = new Trial()
    await trial.segments([a0, a1, a2, a3])
    await trial.put(LIST, mediaList(0, [a0, a1]))
    await trial.clock.advance(20_000)
    await trial.segments([a0, a1], ' anew')
    await trial.put(LIST, mediaList(0, [a0, a1]))
    expect(await trial.recorded(LIST)).toEqual([a0, a1, a2, a3, `- ${a0} anew`, `${a1} anew`])
    const [first = ''] = await trial.runs(LIST)
    expect(await trial.recorded(first)).toEqual([a0, a1, a2, a3])
    expect(await trial.played(first)).toEqual([a0, a1, a2, a3])
  })

  test('when the encoder was killed before its list, and goes on with the number of that segment', async () => {
    const trial = new Trial()
    await trial.segments([a0, a1, a2])
    await trial.put(LIST, mediaList(0, [a0, a1]))
    await trial.clock.advance(20_000)
    await trial.readBack(LIST)
    await trial.segments([a2], ' anew')
    await trial.put(LIST, mediaList(0, [a0, a1, BREAK, a2]))
    expect(await trial.recorded(LIST)).toEqual([a0, a1, a2, `- ${a2} anew`])
  })

  test('when the next run sends the same bytes under the same name: each run has its own', async () => {
    const trial = new Trial()
    for (const last of [a3, a4]) {
      await trial.segments([a0, a1, a2, a3])
      await trial.put(LIST, mediaList(0, [a0, a1, a2]))
      await trial.clock.advance(20_000)
      if (last === a4) await trial.put(LIST, mediaList(0, [a0, a1, a2, a3]))
    }
    expect(await trial.recorded(LIST)).toEqual([a0, a1, a2, a3, `- ${a0}`, a1, a2, a3])
  })

  test('where lists were lost and the next one goes on behind it, in its place', async () => {
    const trial = new Trial()
    await trial.segments([a0, a1])
    await trial.put(LIST, mediaList(0, [a0, a1]))
    await trial.segments([a2, a3, a4])
    await trial.put(LIST, mediaList(4, [a4]))
    expect(await trial.recorded(LIST)).toEqual([a0, a1, a2, a3, `- ${a4}`])
  })

  test('as soon as it comes, late', async () => {
    const trial = new Trial()
    const late = trial.begin(a2)
    await late.send('late')
    await trial.segments([a0])
    const other = trial.begin(a1)
    await other.send('a1')
    await trial.put(LIST, mediaList(0, [a0], END))
    expect(await trial.recorded(LIST)).toEqual([a0])
    await other.end()
    await trial.clock.advance(2_000)
    expect(await trial.recorded(LIST)).toEqual([a0, 'a1'])
  })
})

describe('P5: what is not appended', () => {
  test('while the run goes on, nothing: its list may be on its way', async () => {
    const trial = new Trial()
    await trial.segments([a0, a1])
    await trial.put(LIST, mediaList(0, [a0]))
    expect(await trial.recorded(LIST)).toEqual([a0])
  })

  test('what comes so late that it may be of a next run', async () => {
    const trial = new Trial()
    await trial.segments([a0])
    await trial.put(LIST, mediaList(0, [a0], END))
    await trial.clock.advance(GAP_MEND_MS + 1)
    await trial.segments([a1])
    expect(await trial.recorded(LIST)).toEqual([a0])
  })

  test('the files of another rendition or stream', async () => {
    const trial = new Trial()
    await trial.segments([a0, 'b1.ts', 'a_1.ts', 'a1.m4s', a2])
    await trial.put(LIST, mediaList(0, [a0], END))
    expect(await trial.recorded(LIST)).toEqual([a0])
  })

  test('P7: what another key brought', async () => {
    const trial = new Trial()
    await trial.put(a0, a0, 'one')
    await trial.put(a1, a1, 'two')
    await trial.put(LIST, mediaList(0, [a0], END), 'one')
    expect(await trial.recorded(LIST)).toEqual([a0])
  })
})

test('P2: is a hole where the init section of those before it never came, at the origin and in the store', async () => {
  const trial = new Trial()
  await trial.segments([a0, a1])
  await trial.put(LIST, mediaList(0, ['#EXT-X-MAP:URI="init.mp4"', a0], END))
  await trial.clock.advance(20_000)
  const isGap = readServed((await trial.recordedText(LIST)) ?? '').entries.map((entry) => entry.isGap)
  expect(isGap).toEqual([true, true])
})

test('P6: a store that hangs holds the recording for a while only, and what it lacks is there next time', async () => {
  const trial = new Trial()
  await trial.restart()
  await trial.segments([a0, a1])
  await trial.put(LIST, mediaList(0, [a0], END))
  await trial.clock.advance(200_000)
  // What was read when the run was stored is forgotten.
  await trial.restart()
  const get = trial.store.get.bind(trial.store)
  let gets = 0
  trial.store.get = async (key, options) => {
    gets++
    await new Promise<void>((resolve) => void trial.clock.after(20_000, resolve))
    return get(key, options)
  }
  const both = [trial.recordedText(LIST), trial.recordedText(LIST)]
  await trial.clock.advance(DURATIONS_WAIT_MS)
  for (const text of await Promise.all(both)) expect(readServed(text ?? '').entries).toHaveLength(1)
  expect(gets).toBe(1)
  await trial.clock.advance(20_000)
  expect(readServed((await trial.recordedText(LIST)) ?? '').entries).toHaveLength(2)
})

describe('how long it plays', () => {
  test('is read from its time stamps, and kept', async () => {
    const bodies = bodiesOf('sigterm', /stream1\d+\.ts$/)
    const trial = new Trial()
    for (const [index, body] of bodies.entries()) await trial.putBytes(`a${index}.ts`, body)
    await trial.put(LIST, mediaList(0, ['a0.ts', 'a1.ts'], END))
    expect((await durations(trial))[2]).toBeCloseTo(1.2, 2)
    await trial.restart()
    expect((await durations(trial))[2]).toBeCloseTo(1.2, 2)
  })

  test('is read with the init section, of MP4', async () => {
    const [init = new Uint8Array(0)] = bodiesOf('fmp4', /init\.mp4$/)
    const [first = init, second = init] = bodiesOf('fmp4', /\.m4s$/)
    const trial = new Trial()
    await trial.putBytes('init.mp4', init)
    await trial.putBytes('a0.m4s', first)
    await trial.putBytes('a1.m4s', second)
    const list = mediaList(0, ['#EXT-X-MAP:URI="init.mp4"', 'a0.m4s'], END).replace('2.000000', '0.500000')
    await trial.put(LIST, list)
    expect((await durations(trial))[1]).toBeCloseTo(2, 1)
  })

  test('is that of the one before, where nothing tells it', async () => {
    const trial = new Trial()
    await trial.segments([a0, a1])
    await trial.put(LIST, mediaList(0, [a0], END).replace('2.000000', '1.750000'))
    expect(await durations(trial)).toEqual([1.75, 1.75])
  })

  test('P4: the target duration is not shorter', async () => {
    const bodies = bodiesOf('outage-merged-segment', /stream12\.ts$/)
    const trial = new Trial()
    await trial.segments([a0])
    await trial.putBytes(a1, bodies[0] ?? new Uint8Array(0))
    await trial.put(LIST, mediaList(0, [a0], END))
    expect((await durations(trial))[1]).toBeCloseTo(6, 1)
    expect(await trial.recordedText(LIST)).toContain('#EXT-X-TARGETDURATION:6\n')
  })
})

test('P2: a key without a vector counts on to it', async () => {
  const trial = new Trial()
  await trial.put('a.key', '0123')
  await trial.segments([a0, a1, a2])
  await trial.put(LIST, mediaList(0, ['#EXT-X-KEY:METHOD=AES-128,URI="a.key"', a0, a1], END))
  const vectors = [...((await trial.recordedText(LIST)) ?? '').matchAll(/IV=0x0*(\d+)/g)].map(([, iv]) => iv)
  expect(vectors.map(Number)).toEqual([0, 1, 2])
})

function bodiesOf(name: string, target: RegExp): Uint8Array[] {
  const requests = captures.find((capture) => capture.name === name)?.requests ?? []
  return requests.filter((each) => target.test(each.target) && each.body.length > 0).map(({ body }) => body)
}
