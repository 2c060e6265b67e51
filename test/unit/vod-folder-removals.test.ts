import { describe, expect, test } from 'vitest'
import { contentOf } from '../../src/core/catalog.ts'
import { MAX_IMPORTED_FILES } from '../../src/core/limits.ts'
import { jsonWrite, keys, toBytes } from '../../src/core/records.ts'
import type { Vod } from '../../src/core/vods/vod.ts'
import type { MadeSettings } from '../support/made-trial.ts'
import { APP, madeTrial, push } from '../support/made-trial.ts'

const movie = (name: string) => ({ name, content: contentOf(toBytes(name)) })

describe('a folder that is not listed any more', () => {
  test('leaves what another of its name brought, however it is written', async () => {
    const { made } = madeTrial({})
    made.folders.set('/a/movies', [movie('1.mp4'), movie('2.mp4')])
    made.folders.set('/b/movies', [movie('3.mp4')])
    made.folders.set('/a/movies/', [movie('4.mp4')])
    const { management } = made.productions
    for (const folder of made.folders.keys()) await management.importFolder(APP, folder)
    expect(await management.unlinkFolder(APP, '/movies')).toMatchObject({ message: '0 of records are deleted' })
    expect(await management.unlinkFolder(APP, '/a//movies/')).toMatchObject({ message: '3 of records are deleted' })
    expect(Object.keys(await made.files())).toEqual(['movies/3.mp4'])
  })

  test('leaves nothing, however many files there are besides', async () => {
    const { trial, made } = madeTrial({})
    const others = Array.from({ length: MAX_IMPORTED_FILES }, (_, index) => jsonWrite(...other(index)))
    await trial.journal.commit(others)
    made.folders.set('/a/movies', [movie('1.mp4')])
    const { management } = made.productions
    await management.importFolder(APP, '/a/movies')
    expect(await management.unlinkFolder(APP, '/a/movies')).toMatchObject({ message: '1 of records are deleted' })
    expect(management.vodCount(APP)).toBe(MAX_IMPORTED_FILES)
  })
})

function other(index: number): [string, Vod] {
  const vodId = `id${index}`
  const about = { streamId: '', creationDate: 0, startTime: 0, duration: 0, fileSize: 0 }
  return [keys.vod(APP, vodId), { vodId, type: 'uploadedVod', vodName: 'a', file: vodId, ...about }]
}

test('a picture stays while another file is to be made that shows it', async () => {
  const settings: MadeSettings = { rules: { isOn: () => true }, previews: { isOn: () => true } }
  const all = madeTrial(settings)
  const { maker, products } = all.made
  maker.before = async ({ format }) => {
    if (format === 'webm') await new Promise(() => {})
  }
  await push(all, 'cam')
  const { management, vods } = all.made.productions
  const [vod] = vods.all(APP)
  expect(vod?.preview).toBe('cam_finished.png')
  await management.removeVod(APP, vod?.vodId ?? '')
  expect([...products.disk.keys()]).toContain('preview/live/cam_finished.png')
  const [job] = management.jobs(APP)
  expect(job?.file).toBe('cam.webm')
})

test('a picture whose upload waits is not brought to the bucket when its file was removed', async () => {
  const all = madeTrial({
    rules: { isOn: (_app, _stream, format) => format === 'mp4' },
    previews: { isOn: () => true },
    toBucket: ['preview'],
  })
  const { products } = all.made
  products.upload = () => new Promise((_, reject) => void reject(new Error('down')))
  await push(all, 'cam')
  const { management, vods } = all.made.productions
  await management.removeVod(APP, vods.all(APP)[0]?.vodId ?? '')
  expect(management.jobs(APP)).toEqual([])
  expect(products.disk.size).toBe(0)
})
