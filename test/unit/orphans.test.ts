import { describe, expect, test } from 'vitest'
import { contentOf } from '../../src/core/catalog.ts'
import { ReceiverError } from '../../src/core/errors.ts'
import { toBytes } from '../../src/core/records.ts'
import { settled } from '../support/fake-clock.ts'
import { APP, type MadeSettings, type MadeTrial, madeTrial, push } from '../support/made-trial.ts'
import type { Trial } from '../support/trial.ts'

const MP4: MadeSettings = { rules: { isOn: (_app, _stream, format) => format === 'mp4' } }
const FOLDER = '/srv/movies'

function withFolder(settings: MadeSettings = {}) {
  const all = madeTrial(settings)
  all.made.folders.set(FOLDER, [{ name: 'a.mp4', content: contentOf(toBytes('a movie')) }])
  return all
}

/** What is kept stays there, but what kept it goes on only when it is told to. */
function keepingSlowly({ products }: MadeTrial): () => void {
  const keep = products.keep.bind(products)
  let go = () => {}
  const open = new Promise<void>((resolve) => {
    go = resolve
  })
  products.keep = async (...about) => {
    await keep(...about)
    await open
  }
  return () => {
    products.keep = keep
    go()
  }
}

const takeOne = ({ productions }: MadeTrial) =>
  productions.management.createVod(APP, 'talk.mp4', {
    declaredBytes: 4,
    read: async (take) => take(toBytes('talk')),
  })

/** No VoD becomes durable. */
function refuseVods({ journal }: Trial): () => void {
  const commit = journal.commit.bind(journal)
  journal.commit = async (writes) => {
    if (writes.some(({ key }) => key.startsWith('V/'))) throw new ReceiverError('disk-full')
    return commit(writes)
  }
  return () => {
    journal.commit = commit
  }
}

test('a job that is ended while its file is kept leaves none', async () => {
  const all = madeTrial(MP4)
  const { products, productions } = all.made
  const go = keepingSlowly(all.made)
  await push(all, 'cam')
  expect([...products.disk.keys()]).toEqual(['vod/live/cam.mp4'])
  const [job] = productions.management.jobs(APP)
  const cancelled = productions.management.cancelJob(APP, job?.id ?? '')
  go()
  expect(await cancelled).toBe(true)
  expect([[...products.disk.keys()], await all.made.files()]).toEqual([[], {}])
})

describe('a file that is taken in', () => {
  test.each(['uploaded', 'imported'])(
    'and %s when the receiver is killed before it is known is not left',
    async (how) => {
      const { made } = withFolder()
      const { management } = made.productions
      keepingSlowly(made)
      const taken = how === 'uploaded' ? takeOne(made) : management.importFolder(APP, FOLDER)
      taken.catch(() => undefined)
      await settled()
      expect(made.products.disk.size).toBe(1)
      await made.restart()
      expect([[...made.products.disk.keys()], await made.files()]).toEqual([[], {}])
    },
  )

  test.each([[[]], [['vod' as const]]])(
    'and cannot be made known leaves neither file nor name, to the bucket: %j',
    async (toBucket) => {
      const { trial, made } = withFolder({ toBucket })
      const { management } = made.productions
      const mend = refuseVods(trial)
      await expect(takeOne(made)).rejects.toMatchObject({ code: 'disk-full' })
      expect(await management.importFolder(APP, FOLDER)).toMatchObject({ success: false })
      expect(made.products.disk.size).toBe(0)
      mend()
      expect(await management.importFolder(APP, FOLDER)).toMatchObject({ success: true })
      expect(await made.files()).toEqual({ 'movies/a.mp4': 'a movie' })
    },
  )
})

test('a start removes no file that is known, or still to be made', async () => {
  const all = withFolder(MP4)
  const { made } = all
  await made.productions.management.importFolder(APP, FOLDER)
  await push(all, 'cam')
  made.maker.before = () => new Promise(() => {})
  await push(all, 'dog')
  // As an attempt leaves it that was killed.
  await made.products.keep('vod', APP, 'dog.mp4', contentOf(toBytes('half done')))
  await made.restart()
  expect([...made.products.disk.keys()]).toEqual(['vod/live/movies/a.mp4', 'vod/live/cam.mp4', 'vod/live/dog.mp4'])
})

test('a start removes no upload whose name a file was to have', async () => {
  const { trial, made } = madeTrial({})
  await trial.put('cam.mp4', 'an init section')
  await trial.journal.commit([{ key: `N/${APP}/cam.mp4`, value: toBytes('id') }])
  const discarded: string[] = []
  made.products.discard = async (_kind, _app, name) => void discarded.push(name)
  await made.restart()
  expect(discarded).toEqual([])
})
