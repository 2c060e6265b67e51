import { describe, expect, test } from 'vitest'
import { JobError } from '../../src/core/jobs/job.ts'
import { FFMPEG_LOOK_MS, MAX_PREVIEW_MS, SESSION_SETTLE_MS } from '../../src/core/limits.ts'
import { PictureNames } from '../../src/core/previews/pictures.ts'
import { NEW_STREAM } from '../../src/core/sessions/stream-record.ts'
import { memoryJournal } from '../../src/stores/memory-custody.ts'
import { APP, type MadeSettings, madeTrial, push, STALE_MS } from '../support/made-trial.ts'
import { textOf } from '../support/text-of.ts'

const PERIOD_MS = 5_000
const PICTURES: MadeSettings = { previews: { isOn: () => true, periodMs: PERIOD_MS } }
const RULES = { isOn: () => true, periodMs: PERIOD_MS, height: 480, format: 'png', quality: 75 } as const
const END = '#EXT-X-ENDLIST'

type All = ReturnType<typeof madeTrial>

const onDisk = ({ made }: All) => [...made.products.disk.keys()].map((key) => key.slice(`preview/${APP}/`.length))

async function shown({ made }: All, name: string): Promise<string> {
  const content = made.products.disk.get(`preview/${APP}/${name}`)
  return content === undefined ? '' : textOf(content.stream())
}

/** One time that a stream is live. */
async function session(all: All, name: string, mark: string): Promise<void> {
  await push(all, name, mark)
  await all.trial.clock.advance(STALE_MS)
}

describe('pictures of a live stream', () => {
  test('stay on the disk; the one that is left goes to the bucket', async () => {
    const all = madeTrial({ ...PICTURES, toBucket: ['preview'] })
    for (let number = 1; number < 5; number++) {
      await all.send('cam', number, number + 1)
      await all.trial.clock.advance(PERIOD_MS)
    }
    expect([onDisk(all), all.made.products.bucket.size]).toEqual([['cam.png'], 0])
    await all.send('cam', 5, 6, END)
    await all.trial.clock.advance(SESSION_SETTLE_MS)
    expect(onDisk(all)).toEqual(['cam.png'])
    expect([...all.made.products.bucket.keys()]).toEqual(['preview/live/cam_finished.png'])
  })

  test('of which one hangs are held up no longer than that one may take', async () => {
    const all = madeTrial(PICTURES)
    all.made.maker.before = (order, { signal }) =>
      new Promise((resolve, reject) => {
        const isHung = order.parts.some(({ files }) => files[0]?.stored.startsWith('cam'))
        if (!isHung) resolve()
        signal.addEventListener('abort', () => reject(new JobError('job-ended', 'ended', { retryable: true })))
      })
    await all.send('cam', 1, 3)
    await all.send('dog', 1, 3)
    await all.trial.clock.advance(MAX_PREVIEW_MS - 1)
    expect(onDisk(all)).toEqual([])
    await all.trial.clock.advance(1)
    expect(onDisk(all)).toEqual(['dog.png'])
  })

  test('are not made without ffmpeg, which is said once, and are as soon as there is one', async () => {
    const all = madeTrial(PICTURES)
    all.made.maker.before = async () => {
      throw new JobError('ffmpeg-missing', 'There is no ffmpeg.', { retryable: 'outage' })
    }
    for (let number = 1; number < 21; number++) {
      for (const name of ['cam', 'dog']) await all.send(name, number, number + 1)
      await all.trial.clock.advance(PERIOD_MS)
    }
    const told = all.trial.log.filter(({ event }) => event === 'preview not made')
    expect([told.length, all.made.maker.orders.length]).toEqual([1, 2])
    all.made.maker.before = async () => {}
    await all.trial.clock.advance(FFMPEG_LOOK_MS - PERIOD_MS)
    for (const name of ['cam', 'dog']) await all.send(name, 21, 22)
    expect(onDisk(all)).toEqual(['cam.png', 'dog.png'])
  })
})

describe('P7: no stream shows the pictures of another', () => {
  test('whose name is that of its second session', async () => {
    const all = madeTrial(PICTURES)
    await session(all, 'cam', '')
    await session(all, 'cam', 'again')
    await session(all, 'cam_1', '')
    expect(await shown(all, 'cam_1_finished.png')).toMatch(/^cam\d/)
    expect(await shown(all, 'cam_1_1_finished.png')).toMatch(/^cam_1/)
  })

  test('that came before its second session, or is only known by name', async () => {
    const all = madeTrial(PICTURES)
    await all.made.productions.management.createBroadcast(APP, 'cam_2')
    await session(all, 'cam_1', '')
    await session(all, 'cam', '')
    await session(all, 'cam', 'again')
    expect(await shown(all, 'cam_1_finished.png')).toMatch(/^cam_1/)
    expect(await shown(all, 'cam_3_finished.png')).toMatch(/^cam\d/)
    await session(all, 'cam', 'third')
    expect(onDisk(all)).toContain('cam_4_finished.png')
  })

  test('that is called like what is left of it', async () => {
    const all = madeTrial({ previews: { ...PICTURES.previews, isOverwriting: true } })
    for (const mark of ['', 'again']) {
      await session(all, 'cam', mark)
      await session(all, 'cam_finished', mark)
    }
    expect(await shown(all, 'cam_finished.png')).toMatch(/^cam\d/)
    expect(
      onDisk(all)
        .filter((name) => name.startsWith('cam_finished'))
        .sort(),
    ).toEqual(['cam_finished.png', 'cam_finished_1_finished.png'])
  })

  test('that begins before it is durable which names that one has', () => {
    const names = new PictureNames(memoryJournal())
    const next = (stream: string, pictured: number) =>
      names.next({ ...RULES, isOverwriting: false }, APP, stream, { ...NEW_STREAM, pictured })?.picture
    expect([next('cam', 1), next('cam_1', 0), next('cam', 1)]).toEqual(['cam_1', 'cam_1_1', 'cam_1'])
  })
})
