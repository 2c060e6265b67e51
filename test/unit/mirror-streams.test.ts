import { describe, expect, test } from 'vitest'
import { NOTHING_DELETED } from '../../src/core/removal/deletion-rule.ts'
import { policies } from '../../src/core/restart-policy.ts'
import { ruleFor, type StreamRule } from '../../src/core/stream-rule.ts'
import { NEVER_STALE } from '../simulation/world/surroundings.ts'
import { storedNames } from '../support/kept.ts'
import { mediaList, Trial } from '../support/trial.ts'

const WINDOW = 3

/** Pushes thirty segments, and deletes each when it has left the list. */
async function push(
  rules: readonly StreamRule<boolean>[],
  list: string,
  nameOf: (number: number) => string,
): Promise<Trial> {
  const deletion = { ...NOTHING_DELETED, afterMs: 60_000, isMirror: ruleFor(rules, false) }
  const trial = new Trial(NEVER_STALE, policies([]), undefined, deletion)
  await trial.restart()
  for (let number = 0; number < 30; number++) {
    await trial.segments([nameOf(number)])
    const first = Math.max(0, number - WINDOW + 1)
    if (first >= 2) await trial.delete(nameOf(first - 2))
    const shown = Array.from({ length: number - first + 1 }, (_, index) => nameOf(first + index))
    await trial.put(list, mediaList(first, shown))
    await trial.clock.advance(2_000)
  }
  await trial.clock.advance(120_000)
  return trial
}

describe('an archive is kept', () => {
  test('of a stream whose files may be of one that is mirrored, by their names', async () => {
    const rules = [{ app: 'live', stream: 'cam1', value: true }]
    const trial = await push(rules, 'cam12.m3u8', (number) => `cam12${String(number).padStart(4, '0')}.ts`)
    expect(await trial.recorded('cam12.m3u8')).toHaveLength(30)
  })

  test('of a list whose segments are called otherwise, though all others are mirrored', async () => {
    const rules = [{ value: true }, { app: 'live', stream: 'keep', value: false }]
    const trial = await push(rules, 'keep.m3u8', (number) => `seg${number}.ts`)
    expect(await trial.recorded('keep.m3u8')).toHaveLength(30)
  })
})

describe('what an encoder deletes goes', () => {
  test('though the name of its stream ends in a digit, and its numbers have no zeros before them', async () => {
    const trial = await push([{ value: true }], 'cam1.m3u8', (number) => `cam1${number}.ts`)
    expect((await storedNames(trial)).length).toBeLessThan(8)
    expect((await trial.recorded('cam1.m3u8')).length).toBeLessThan(6)
  })

  test('though its segments are called otherwise', async () => {
    const trial = await push([{ value: true }], 'index.m3u8', (number) => `seg${number}.ts`)
    expect((await storedNames(trial)).length).toBeLessThan(8)
  })
})
