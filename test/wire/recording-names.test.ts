import { afterEach, beforeEach, expect, test } from 'vitest'
import { startReceiver, type TestReceiver } from '../../src/testing/index.ts'
import { mediaList } from '../support/trial.ts'

let receiver: TestReceiver

beforeEach(async () => {
  receiver = await startReceiver()
})

afterEach(() => receiver.stop())

const put = (name: string, body: string) => fetch(`${receiver.url}/live/hls-upload/${name}`, { method: 'PUT', body })

/** What Ant Media Server calls a rendition with addDateTimeToHlsFileName, and longer ones. */
const LISTS = ['cam1-2026-11-22_12-00-00.000_360p800kbps', 'c'.repeat(60), 'c'.repeat(100)]

test.each(LISTS)(
  'P5: what has left the list of a long name is in its recording, over a restart too: %s',
  async (list) => {
    const all = Array.from({ length: 4 }, (_, number) => `${list}00000000${number}.ts`)
    for (const [at, name] of all.entries()) {
      await put(name, name)
      await put(`${list}.m3u8`, mediaList(at, [name]))
    }
    await receiver.stop({ keepData: true })
    receiver = await startReceiver({ DATA_DIR: receiver.dataDir })
    const recording = await (await fetch(`${receiver.url}/live/streams/${list}.m3u8?playlist=vod`)).text()
    expect(recording.match(/^[^#].*$/gm)).toEqual(all)
    const runs = (await (await fetch(`${receiver.url}/live/streams/${list}.m3u8?playlist=runs`)).json()) as unknown[]
    expect(runs).toHaveLength(1)
  },
)
