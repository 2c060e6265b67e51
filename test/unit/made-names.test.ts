import { describe, expect, test } from 'vitest'
import { contentOf } from '../../src/core/catalog.ts'
import { keys, toBytes } from '../../src/core/records.ts'
import { settled } from '../support/fake-clock.ts'
import { APP, type MadeSettings, madeTrial, push, STALE_MS } from '../support/made-trial.ts'
import { textOf } from '../support/text-of.ts'

const MP4: MadeSettings = { rules: { isOn: (_app, _stream, format) => format === 'mp4' } }
const IN_BUCKET = 'vod/live/cam.mp4'

/** A bucket that has another file, and did not answer when it was asked for it. */
function withAnother() {
  const all = madeTrial({ ...MP4, toBucket: ['vod'] })
  const { products } = all.made
  products.bucket.set(IN_BUCKET, contentOf(toBytes('another')))
  const exists = products.exists.bind(products)
  let looks = 0
  products.exists = async (...about) => looks++ > 0 && exists(...about)
  return all
}

describe('a file of whose name the bucket has another', () => {
  test('gets the next free name, is uploaded under that, and told of then', async () => {
    const all = withAnother()
    const { products, productions } = all.made
    await push(all, 'cam')
    expect(await all.made.files()).toEqual({ 'cam_1.mp4': 'cam1.ts cam2.ts' })
    expect([...products.disk.keys()]).toEqual([])
    expect([...products.bucket.keys()]).toEqual([IN_BUCKET, 'vod/live/cam_1.mp4'])
    expect(all.made.actions.slice(-2)).toEqual(['uploadCompleted', 'vodReady'])
    expect(productions.management.jobs(APP)).toEqual([])
    const [vod] = productions.vods.all(APP)
    expect(vod).toMatchObject({ vodName: 'cam_1.mp4', isUploaded: true })
    await productions.management.removeVod(APP, vod?.vodId ?? '')
    expect([...products.bucket.keys()]).toEqual([IN_BUCKET])
  })

  test('is listed once, and leaves nothing, when the receiver is killed while it gets another', async () => {
    const all = withAnother()
    const { products } = all.made
    const keep = products.keep.bind(products)
    products.keep = async (kind, app, name, content) => {
      await keep(kind, app, name, content)
      if (name === 'cam_1.mp4') await new Promise(() => {})
    }
    await push(all, 'cam')
    expect([...products.disk.keys()]).toEqual([IN_BUCKET, 'vod/live/cam_1.mp4'])
    products.keep = keep
    await all.made.restart()
    await all.trial.clock.advance(STALE_MS)
    expect(await all.made.files()).toEqual({ 'cam_2.mp4': 'cam1.ts cam2.ts' })
    expect([...products.disk.keys()]).toEqual([])
    expect(await textOf((products.bucket.get(IN_BUCKET) ?? contentOf(toBytes(''))).stream())).toBe('another')
  })
})

describe('P3: a name is given once', () => {
  test('an upload gets none that was given to a file just before', async () => {
    const all = madeTrial({ rules: { isOn: () => true } })
    const { trial, made } = all
    let go = () => {}
    const open = new Promise<void>((resolve) => {
      go = resolve
    })
    // By then the mp4 has its name.
    made.products.exists = async (_kind, _app, name) => {
      if (name === 'cam.webm') await open
      return false
    }
    await push(all, 'cam')
    await trial.put('cam.mp4', 'an init section')
    expect(await trial.stored('cam.mp4')).toBeUndefined()
    expect(await trial.readBack('cam.mp4')).toBe('an init section')
    go()
    await settled()
    expect(Object.keys(await made.files())).toEqual(['cam.mp4', 'cam.webm'])
  })

  test('a file gets none that was given to an upload just before', async () => {
    const all = madeTrial(MP4)
    const { trial, made } = all
    let go = () => {}
    const commit = trial.journal.commit.bind(trial.journal)
    trial.journal.commit = async (writes) => {
      if (writes.some(({ key }) => key === keys.object(APP, 'cam.mp4'))) {
        await new Promise<void>((resolve) => {
          go = resolve
        })
      }
      return commit(writes)
    }
    const put = trial.put('cam.mp4', 'an init section')
    await push(all, 'cam')
    go()
    await put
    expect(Object.keys(await made.files())).toEqual(['cam_1.mp4'])
  })
})
