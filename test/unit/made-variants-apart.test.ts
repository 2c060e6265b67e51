import { beforeEach, describe, expect, test } from 'vitest'
import { MAX_FOLDERS_SEARCHED } from '../../src/core/limits.ts'
import { publish, urisOf } from '../support/renditions.ts'
import { Trial } from '../support/trial.ts'

const MASTER = 'cam_adaptive.m3u8'
const LOW = 'cam_240p500kbps.m3u8'
const HIGH = 'cam_480p1000kbps.m3u8'

let trial: Trial
beforeEach(() => {
  trial = new Trial()
})

/** The URIs of what is served. */
async function uris(name = MASTER): Promise<string[] | undefined> {
  return urisOf(await trial.served(name))
}

describe('folders', () => {
  test('renditions of a sub-folder are found beside them, and from above', async () => {
    await publish(trial, [`cam/${LOW}`, `cam/${HIGH}`])
    expect(await uris(`cam/${MASTER}`)).toEqual([LOW, HIGH])
    expect(await uris()).toEqual([`cam/${LOW}`, `cam/${HIGH}`])
    await trial.restart()
    expect(await uris()).toEqual([`cam/${LOW}`, `cam/${HIGH}`])
  })

  test('each may have a folder of its own', async () => {
    await publish(trial, [`low/${LOW}`, `high/${HIGH}`])
    expect(await uris()).toEqual([`high/${HIGH}`, `low/${LOW}`])
  })

  test('those beside it are all, when there are some', async () => {
    await publish(trial, ['cam.m3u8', `low/${LOW}`, `cam/${LOW}`])
    expect(await uris()).toEqual(['cam.m3u8'])
  })

  test('one name in two folders is of two streams: then neither is taken', async () => {
    await publish(trial, [`one/${LOW}`, `two/${LOW}`, `two/${HIGH}`])
    expect(await uris()).toBeUndefined()
  })

  test('P6: no more of them are looked into than may be', async () => {
    await publish(
      trial,
      Array.from({ length: MAX_FOLDERS_SEARCHED }, (_, index) => `f${index}/cam_${index + 1}p.m3u8`),
    )
    expect(await uris()).toBeUndefined()
    await publish(trial, ['cam.m3u8'])
    expect(await uris()).toEqual(['cam.m3u8'])
  })
})

describe('P7: what was sent with the key of another stream is not mixed in', () => {
  test.each([
    ['beside those of the right one', ['cam', 'cam_240p'], ['cam.m3u8']],
    ['beside those of a key of the app', ['', 'cam_240p'], ['cam.m3u8']],
    ['alone', [undefined, 'cam_240p'], undefined],
    ['and keys of the app are for all', ['cam', ''], ['cam.m3u8', 'cam_240p.m3u8']],
  ])('%s', async (_what, [own, other], expected) => {
    if (own !== undefined) await publish(trial, ['cam.m3u8'], { owner: own })
    await publish(trial, ['cam_240p.m3u8'], { owner: other ?? '' })
    expect(await uris()).toEqual(expected)
  })

  test('the key of a folder is that of all streams in it, also where one has its own', async () => {
    await publish(trial, [`x/${HIGH}`], { owner: 'cam' })
    expect(await uris(`x/${MASTER}`)).toEqual([HIGH])
    await publish(trial, [`x/${LOW}`, 'x/cam.m3u8'], { owner: 'x' })
    expect(await uris(`x/${MASTER}`)).toEqual(['cam.m3u8', LOW])
  })

  test.each(['cam', ''])('nor does the same name in a folder of another key take it away (key %j)', async (owner) => {
    await publish(trial, [`cam/${LOW}`, `cam/${HIGH}`], { owner })
    await publish(trial, [`evil/${LOW}`, 'evil/cam_1080p.m3u8'], { owner: 'evil' })
    expect(await uris()).toEqual([`cam/${LOW}`, `cam/${HIGH}`])
  })

  test('nothing is made of what only another key has sent', async () => {
    await publish(trial, ['evil/cam.m3u8'], { owner: 'evil' })
    expect(await uris()).toBeUndefined()
    expect(await uris(`evil/${MASTER}`)).toEqual(['cam.m3u8'])
  })

  test('P6: nor do very many of another key crowd it out', async () => {
    const many = Array.from({ length: MAX_FOLDERS_SEARCHED }, (_, index) => `a/cam_${index + 1}p.m3u8`)
    await publish(trial, [`cam/${LOW}`, `cam/${HIGH}`], { owner: 'cam' })
    await publish(trial, many, { owner: 'a' })
    expect(await uris()).toEqual([`cam/${LOW}`, `cam/${HIGH}`])
    await publish(trial, ['cam.m3u8', LOW, HIGH], { owner: 'cam' })
    expect(await uris()).toEqual(['cam.m3u8', LOW, HIGH])
  })

  test('also when a playlist comes with another key from now on', async () => {
    await publish(trial, ['cam.m3u8', LOW])
    await publish(trial, [LOW], { owner: 'cam_240p500kbps', number: 1 })
    expect(await uris()).toEqual(['cam.m3u8'])
    await publish(trial, [LOW], { owner: 'cam', number: 2 })
    expect(await uris()).toEqual(['cam.m3u8', LOW])
  })
})
