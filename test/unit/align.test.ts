import { describe, expect, test } from 'vitest'
import { Story } from '../support/story.ts'
import { mediaList, names } from '../support/trial.ts'

const END = '#EXT-X-ENDLIST'
const BREAK = '#EXT-X-DISCONTINUITY'
const [a0 = '', a1 = '', a2 = '', a3 = '', a4 = '', a5 = ''] = names('a', 6)

/** An entry with a date, in seconds after midnight. */
const at = (seconds: number, uri: string, duration = 2) => {
  const date = new Date(Date.UTC(2026, 10, 22) + seconds * 1000).toISOString().replace('Z', '+0000')
  return `#EXTINF:${duration}.000000,\n#EXT-X-PROGRAM-DATE-TIME:${date}\n${uri}`
}
const ranged = (start: number) => `#EXTINF:2.000000,\n#EXT-X-BYTERANGE:100@${start}\nall.ts`

/** A timeline that has taken these versions. */
function storyOf(...versions: readonly string[]): Story {
  const story = new Story()
  for (const version of versions) story.take(version)
  return story
}

describe('a version follows', () => {
  test('when it adds entries', () => {
    const story = storyOf(mediaList(0, [a0]))
    expect(story.take(mediaList(0, [a0, a1, a2]))).toBe('follows')
    expect(story.entries).toEqual([`0 ${a0}`, `1 ${a1}`, `2 ${a2}`])
  })

  test('when its window slides', () => {
    const story = storyOf(mediaList(3, [a0, a1, a2]))
    expect(story.take(mediaList(4, [a1, a2, a3]))).toBe('follows')
    expect(story.entries).toEqual([`4 ${a1}`, `5 ${a2}`, `6 ${a3}`])
  })

  test('when its window slides past all that was known', () => {
    const story = storyOf(mediaList(0, [a0]))
    expect(story.take(mediaList(1, [a1]))).toBe('follows')
    expect(story.take(mediaList(2, [a2]))).toBe('follows')
    expect(story.entries).toEqual([`2 ${a2}`])
  })

  test('when a single file slides and its numbers stand still', () => {
    const story = storyOf(mediaList(0, [ranged(0), ranged(100)]))
    expect(story.take(mediaList(0, [ranged(100), ranged(200)]))).toBe('follows')
    expect(story.take(mediaList(0, [ranged(200), ranged(300)]))).toBe('follows')
    expect(story.entries).toEqual(['2 all.ts', '3 all.ts'])
  })

  test('when it is the same again', () => {
    expect(storyOf(mediaList(0, [a0, a1])).take(mediaList(0, [a0, a1]))).toBe('follows')
  })

  test('when ENDLIST comes, and when it goes because the encoder goes on', () => {
    const story = storyOf(mediaList(0, [a0]))
    expect(story.take(mediaList(0, [a0], END))).toBe('follows')
    expect(story.timeline.hasEndlist).toBe(true)
    expect(story.take(mediaList(0, [a0, BREAK, a1]))).toBe('follows')
    expect(story.timeline.hasEndlist).toBe(false)
    expect(story.entries).toEqual([`0 ${a0}`, `- 1 ${a1}`])
  })

  test('with a discontinuity when numbers were left out', () => {
    const story = storyOf(mediaList(0, [a0, a1]))
    expect(story.take(mediaList(5, [a4, a5]))).toBe('joins')
    expect(story.entries).toEqual([`- 5 ${a4}`, `6 ${a5}`])
  })

  test('when the libavformat of 2018 appends and counts the old times anew', () => {
    const story = storyOf(mediaList(0, [at(0, a0), at(2, a1)], END))
    expect(story.take(mediaList(0, [at(60, a0), at(62, a1), BREAK, at(64, a2)]))).toBe('follows')
    expect(story.entries).toEqual([`0 ${a0}`, `1 ${a1}`, `- 2 ${a2}`])
    expect(story.take(mediaList(0, [at(60, a0), at(62, a1), BREAK, at(64, a2), at(66, a3)]))).toBe('follows')
  })

  test('when times are off by less than half a segment', () => {
    const story = storyOf(mediaList(0, [at(0, a0), at(2, a1)]))
    expect(story.take(mediaList(0, [at(0.9, a0), at(2.9, a1), at(4, a2)]))).toBe('follows')
  })

  test('when there was no entry yet, with the numbers that it has', () => {
    const story = storyOf(mediaList(0, []))
    expect(story.take(mediaList(9, [a0]))).toBe('follows')
    expect(story.entries).toEqual([`9 ${a0}`])
  })
})

describe('a version is older', () => {
  test.each([
    ['that has less at its end', mediaList(0, [a0, a1])],
    ['without any entry', mediaList(0, [])],
  ])('and changes nothing: one %s', (_what, late) => {
    const story = storyOf(mediaList(0, [a0, a1, a2]))
    const before = story.timeline
    expect(story.take(late)).toMatch(/^(older|suspect)$/)
    expect(story.timeline).toBe(before)
  })

  test('when it has slid less far', () => {
    const story = storyOf(mediaList(2, [a2, a3, a4]))
    expect(story.take(mediaList(1, [a1, a2, a3]))).toMatch(/^(older|suspect)$/)
  })

  test('when its window is all before what is known', () => {
    expect(storyOf(mediaList(4, [a4])).take(mediaList(3, [a3]))).toBe('suspect')
  })

  test('P4: when it begins further back and ends where the newest does', () => {
    const story = storyOf(mediaList(1, [a1, a2]))
    expect(story.take(mediaList(0, [a0, a1, a2]))).toMatch(/^(older|suspect)$/)
  })

  test('for certain when its times say so, whatever was sent again', () => {
    const story = storyOf(mediaList(0, [at(0, a0), at(2, a1), at(4, a2)]))
    expect(story.take(mediaList(0, [at(0, a0), at(2, a1)]), 'other')).toBe('older')
  })

  test('when it has the same entries and lacks the ENDLIST', () => {
    const story = storyOf(mediaList(0, [a0, a1], END))
    expect(story.take(mediaList(0, [a0, a1]))).toMatch(/^(older|suspect)$/)
    expect(story.timeline.hasEndlist).toBe(true)
  })

  test('although the same bytes came twice, as when each request is sent twice', () => {
    expect(storyOf(mediaList(0, [a0, a1])).take(mediaList(0, [a0, a1]), 'same')).toBe('follows')
  })
})

describe('an encoder starts over', () => {
  test('at its first number, with dates: told by them alone', () => {
    const story = storyOf(mediaList(0, [at(0, a0), at(2, a1)]))
    expect(story.take(mediaList(0, [at(60, a0)]))).toBe('restarts')
    expect(story.entries).toEqual([`- 2 ${a0}`])
    expect(story.take(mediaList(0, [at(60, a0), at(62, a1)]))).toBe('follows')
    expect(story.entries).toEqual([`- 2 ${a0}`, `3 ${a1}`])
  })

  test('without dates: told by what was sent again', () => {
    const story = storyOf(mediaList(0, [a0, a1]))
    expect(story.take(mediaList(0, [a0]))).toBe('suspect')
    expect(story.take(mediaList(0, [a0]), 'other')).toBe('restarts')
    expect(story.entries).toEqual([`- 2 ${a0}`])
  })

  test('with the same bytes as before: told by their coming again', () => {
    expect(storyOf(mediaList(0, [a0, a1])).take(mediaList(0, [a0]), 'same')).toBe('restarts')
  })

  test('when its window had left the first numbers behind', () => {
    const story = storyOf(mediaList(5, [a5]))
    expect(story.take(mediaList(0, [a0]), 'no')).toBe('suspect')
    expect(story.take(mediaList(0, [a0]), 'other')).toBe('restarts')
    expect(story.entries).toEqual([`- 6 ${a0}`])
  })

  test('with segments of other lengths', () => {
    const story = storyOf(mediaList(0, [at(0, a0, 2), at(2, a1, 1)]))
    expect(story.take(mediaList(0, [at(60, a0, 1)]))).toBe('restarts')
  })

  test('with as many entries as it had', () => {
    const story = storyOf(mediaList(0, [a0]))
    expect(story.take(mediaList(0, [a0]), 'other')).toBe('restarts')
    expect(story.entries).toEqual([`- 1 ${a0}`])
  })

  test('again and again: P4: numbers only go up', () => {
    const story = storyOf(mediaList(0, [a0, a1]))
    story.take(mediaList(0, [a0]), 'other')
    expect(story.take(mediaList(0, [a0]), 'other')).toBe('restarts')
    expect(story.entries).toEqual([`- 3 ${a0}`])
    expect(story.take(mediaList(0, [a0, a1]))).toBe('follows')
    expect(story.entries).toEqual([`- 3 ${a0}`, `4 ${a1}`])
  })

  test('at numbers that go on from the time of day: with a discontinuity', () => {
    const story = storyOf(mediaList(1_795_373_536, [a0, a1]))
    expect(story.take(mediaList(1_795_373_600, [a2]))).toBe('joins')
    expect(story.entries).toEqual([`- 1795373600 ${a2}`])
  })

  test('P4: a late playlist of the run before, with its later numbers, is not what comes next', () => {
    const story = storyOf(mediaList(3, [at(6, a3), at(8, a4)]))
    story.take(mediaList(0, [at(60, a0)]), 'other')
    expect(story.entries).toEqual([`- 5 ${a0}`])
    expect(story.take(mediaList(3, [at(6, a3), at(8, a4), at(10, a5)]))).toBe('older')
  })
})

describe('discontinuities that have left the list', () => {
  const lists = [mediaList(0, [a0, BREAK, a1, a2]), mediaList(1, [BREAK, a1, a2, a3]), mediaList(2, [a2, a3, a4])]

  test('P4: are counted, since libavformat does not', () => {
    const story = new Story()
    expect(lists.map((list) => [story.take(list), story.timeline.discontinuitiesBefore])).toEqual([
      ['follows', 0],
      ['follows', 0],
      ['follows', 1],
    ])
  })

  test("are not counted twice where the encoder counts them, and begin with the encoder's own number", () => {
    const story = new Story()
    const counted = lists.map((list, index) =>
      list.replace('#EXT-X-MEDIA', `#EXT-X-DISCONTINUITY-SEQUENCE:${index === 2 ? 8 : 7}\n#EXT-X-MEDIA`),
    )
    expect(counted.map((list) => [story.take(list), story.timeline.discontinuitiesBefore])).toEqual([
      ['follows', 7],
      ['follows', 7],
      ['follows', 8],
    ])
  })

  test('P4: never go back when the encoder starts to count again, and its joint counts too', () => {
    const story = new Story()
    story.take(mediaList(0, [BREAK, a0, BREAK, a1]))
    story.take(mediaList(0, [a0]), 'other')
    expect([story.entries, story.timeline.discontinuitiesBefore]).toEqual([[`- 2 ${a0}`], 2])
    story.take(mediaList(1, [a1]))
    expect([story.entries, story.timeline.discontinuitiesBefore]).toEqual([[`3 ${a1}`], 3])
  })
})

test('P4: the target duration never goes down', () => {
  const story = new Story()
  const list = mediaList(0, [a0])
  const durations = ['2', '6', '4'].map((seconds) => {
    story.take(list.replace('TARGETDURATION:2', `TARGETDURATION:${seconds}`))
    return story.timeline.targetDuration
  })
  expect(durations).toEqual([2, 6, 6])
})
