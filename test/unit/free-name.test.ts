import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FreeNames } from '../../src/core/free-name.ts'
import { mediaList, Trial } from '../support/trial.ts'

const APP = 'live'

function nine(number: number): string {
  return `cam${String(number).padStart(9, '0')}.ts`
}

/** Takes names one after the other, and gives back what each became. */
function taken(wanted: readonly string[], known = new Set<string>(), free = new FreeNames()): string[] {
  return wanted.map((name) => {
    const given = free.next(APP, name, (other) => known.has(other))
    known.add(given)
    return given
  })
}

describe('a name that is taken', () => {
  test.each([
    ['cam000000001.ts', 'cam000000002.ts', 'cam000000003.ts'],
    [
      'cam-2026-11-22_12-00-00.000_720p2000kbps0007.ts',
      'cam-2026-11-22_12-00-00.000_720p2000kbps0008.ts',
      'cam-2026-11-22_12-00-00.000_720p2000kbps0009.ts',
    ],
    ['v0/seg8.m4s', 'v0/seg9.m4s', 'v0/seg10.m4s'],
    ['cam000000998.fmp4', 'cam000000999.fmp4', 'cam000001000.fmp4'],
    ['init_0.mp4', 'init_1.mp4', 'init_0_1.mp4'],
  ])('%s becomes, with %s behind it, %s', (name, next, free) => {
    expect(taken([name, next, name])).toEqual([name, next, free])
  })

  test.each([
    ['cam_init.mp4', 'cam_init_1.mp4', 'cam_init_2.mp4'],
    ['cam.key', 'cam_1.key', 'cam_2.key'],
    ['a/cam.ts', 'a/cam_1.ts', 'a/cam_2.ts'],
    ['cam000000013.ts', 'cam000000013_1.ts', 'cam000000013_2.ts'],
    [`cam${'9'.repeat(20)}.ts`, `cam${'9'.repeat(20)}_1.ts`, `cam${'9'.repeat(20)}_2.ts`],
  ])('%s becomes %s, then %s', (name, ...others) => {
    expect(taken([name, name, name])).toEqual([name, ...others])
  })

  test('P3: of the newest segment, or of one further back, takes at most one number from its encoder', () => {
    expect(taken([1, 2, 3, 3, 4, 2, 5, 6].map(nine))).toEqual([
      ...[1, 2, 3].map(nine),
      'cam000000003_1.ts',
      ...[4, 5].map(nine),
      'cam000000005_1.ts',
      nine(6),
    ])
  })

  test('P3: an encoder that starts again at 1 goes on behind its last number, again and again', () => {
    const first = Array.from({ length: 13 }, (_, index) => nine(index + 1))
    expect(taken([...first, ...first.slice(0, 3), ...first.slice(0, 2)]).slice(13)).toEqual(
      [14, 15, 16, 17, 18].map(nine),
    )
  })

  test('P3: also when nobody remembers how far it came', () => {
    const known = new Set(Array.from({ length: 13 }, (_, index) => nine(index + 1)))
    expect(taken([nine(1)], known)).toEqual([nine(14)])
    expect(taken([nine(2)], known)).toEqual([nine(15)])
  })

  test('P3: never becomes one that is taken, whatever is', () => {
    const number = fc.integer({ min: 0, max: 40 })
    fc.assert(
      fc.property(fc.array(number), fc.array(number), (before, wanted) => {
        const known = new Set(before.map(nine))
        const given = taken(wanted.map(nine), known)
        expect(new Set([...known]).size).toBe(new Set(before).size + given.length)
      }),
    )
  })

  test('is found without a look at each one', () => {
    let looks = 0
    const isTaken = (name: string) => {
      looks++
      return Number(name.slice(3, 12)) <= 43_200
    }
    expect(new FreeNames().next(APP, nine(1), isTaken)).toBe(nine(43_201))
    expect(looks).toBeLessThan(40)
  })
})

test('P3: the segments of an encoder that starts over are stored under the numbers that follow', async () => {
  const trial = new Trial()
  const all = [1, 2, 3].map(nine)
  await trial.segments(all)
  await trial.put('cam.m3u8', mediaList(1, all))
  await trial.segments(all.slice(0, 2), ' anew')
  await trial.put('cam.m3u8', mediaList(1, all.slice(0, 2)))
  const served = (await trial.served('cam.m3u8')) ?? ''
  expect(served.split('\n').filter((line) => line.endsWith('.ts'))).toEqual([4, 5].map(nine))
  expect(await trial.played('cam.m3u8')).toEqual(
    all.slice(0, 2).map((name, index) => `${index === 0 ? '- ' : ''}${name} anew`),
  )
})
