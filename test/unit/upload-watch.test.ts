import { describe, expect, test } from 'vitest'
import { nameKind } from '../../src/core/removal/name-kind.ts'
import { type StreamFiles, UploadWatch } from '../../src/core/removal/upload-watch.ts'

function filesOf(stream: string, kinds: readonly string[] = [], longer: readonly string[] = []): StreamFiles {
  return { app: 'live', stream, longer, kinds: new Set(kinds), owners: [''] }
}

async function upload(watch: UploadWatch, name: string, app = 'live'): Promise<void> {
  await watch.during({ app, name, owner: '' }, async () => undefined)
}

/** The names of which whoever waits for some files is told. */
async function told(files: StreamFiles, names: readonly string[]): Promise<string[]> {
  const watch = new UploadWatch()
  const heard: string[] = []
  for (const name of names) {
    const stop = watch.watchFiles(files, () => void heard.push(name))
    await upload(watch, name)
    stop()
    await upload(watch, name)
  }
  return [...new Set(heard)]
}

describe('whoever waits for the files of a stream is told', () => {
  test('of what is called after it, in its folder, but not of what may be of one with a longer name', async () => {
    const names = ['a/cam1.m3u8', 'a/cam1_720p5.ts', 'a/cam10.ts', 'a/cam12000000001.ts', 'cam15.ts', 'b/cam15.ts']
    expect(await told(filesOf('a/cam1', [], ['cam12']), names)).toEqual(names.slice(0, 3))
  })

  test('of what its lists lead to otherwise', async () => {
    const kinds = [nameKind('hd/seg7.ts'), nameKind('cam1-000000010.ts'), 'init.mp4', 'all.ts']
    const own = ['hd/seg1234.ts', 'cam1-000000011.ts', 'init.mp4', 'all.ts']
    const others = ['seg7.ts', 'hd/seg7.m4s', 'hd/seg_7.ts', 'cam2-000000011.ts', 'init2.mp4']
    expect(await told(filesOf('index', kinds), [...own, ...others])).toEqual(own)
  })

  test('and of nothing of another app', async () => {
    const watch = new UploadWatch()
    let count = 0
    watch.watchFiles(filesOf('cam'), () => void count++)
    await upload(watch, 'cam0.ts', 'other')
    expect(count).toBe(0)
    await upload(watch, 'cam0.ts')
    expect(count).toBe(2)
  })
})

test('an upload costs nothing of those who wait for other streams', async () => {
  const watch = new UploadWatch()
  let asked = 0
  for (let number = 0; number < 1_000; number++) {
    const { owners, ...files } = filesOf(`camera-${number}`, [nameKind(`${number}_seg0.ts`)])
    const counting = Object.defineProperty({ ...files, owners }, 'kinds', {
      get: () => {
        asked++
        return files.kinds
      },
    })
    watch.watchFiles(counting, () => {})
  }
  asked = 0
  await upload(watch, '77_seg5.ts')
  await upload(watch, 'camera-5_360p000000001.ts')
  expect(asked).toBeLessThan(20)
})

test.each([
  ['seg9.ts', 'seg10.ts', true],
  ['seg9999.ts', 'seg10012.ts', true],
  ['cam1000000009.ts', 'cam1000000010.ts', true],
  ['cam1000000009.ts', 'cam2000000009.ts', false],
  ['a/seg1.ts', 'b/seg1.ts', false],
  ['a1_.ts', 'a2_.ts', false],
])('%s and %s are numbered in one go: %s', (one, other, isSame) => {
  expect(nameKind(one) === nameKind(other)).toBe(isSame)
})
