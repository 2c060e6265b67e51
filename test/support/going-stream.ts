import { NOTHING_DELETED } from '../../src/core/removal/deletion-rule.ts'
import type { RestartPolicy } from '../../src/core/restart-policy.ts'
import { policies } from '../../src/core/restart-policy.ts'
import { NEVER_STALE } from '../simulation/world/surroundings.ts'
import { mediaList, names, Trial } from './trial.ts'

/** The tag that ends a list. */
export const END = '#EXT-X-ENDLIST'
/** How long after its end a stream goes, in ms. */
export const DELAY_MS = 60_000
/** Until everything is gone that was to go, in ms. */
export const GONE_MS = DELAY_MS + 60_000
const LARGE = 'x'.repeat(100_000)

/** A receiver that deletes every stream. */
export async function deleting(policy: RestartPolicy = 'append_list', afterMs = DELAY_MS): Promise<Trial> {
  const policyFor = policies([{ policy }])
  const trial = new Trial(NEVER_STALE, policyFor, undefined, { ...NOTHING_DELETED, onEnded: () => true, afterMs })
  await trial.restart()
  return trial
}

/** Starts a receiver that deletes streams called `cam`, and has two others whose names begin alike. */
export async function amongOthers(): Promise<Trial> {
  const onEnded = (_app: string, name: string) => /^(?:sub\/)?cam[-_.]/.test(name)
  const trial = new Trial(NEVER_STALE, policies([]), undefined, { ...NOTHING_DELETED, onEnded, afterMs: DELAY_MS })
  await trial.restart()
  await trial.put('shared.mp4', 'init of all')
  for (const other of ['cam1', 'cam12', 'sub/cam1']) {
    const folder = other.slice(0, other.lastIndexOf('/') + 1)
    const own = other.slice(folder.length)
    await trial.put(`${other}_init.mp4`, `init ${other}`)
    await trial.segments(names(other, 4))
    const all = names(own, 4)
    await trial.put(`${other}.m3u8`, mediaList(0, [`#EXT-X-MAP:URI="${own}_init.mp4"`, ...all.slice(0, 2)]))
    await trial.put(`${other}.m3u8`, mediaList(2, ['#EXT-X-MAP:URI="shared.mp4"', ...all.slice(2)], END))
  }
  return trial
}

/** The renditions of `cam`. */
export const RENDITIONS = ['cam_360p800kbps', 'cam_720p2000kbps']

/** Sends two renditions of `cam` in fMP4 with a multivariant playlist; their windows slide. */
export async function broadcast(trial: Trial, { date = '', count = 12, mark = '', hasEnd = true } = {}): Promise<void> {
  const lists = RENDITIONS.map((each) => each.replace('cam', `cam${date}`))
  for (const list of lists) {
    await trial.put(`${list}_1700000000000_init.mp4`, `init ${list}${mark}`)
    for (let number = 0; number < count; number++) {
      await trial.put(
        `${list}${nine(number)}.m4s`,
        number % 3 === 0 ? LARGE + list + number + mark : `${list}${number}${mark}`,
      )
      const first = Math.max(0, number - 2)
      const shown = Array.from({ length: number - first + 1 }, (_, index) => `${list}${nine(first + index)}.m4s`)
      const map = `#EXT-X-MAP:URI="${list}_1700000000000_init.mp4"`
      const end = hasEnd && number === count - 1 ? [END] : []
      await trial.put(`${list}.m3u8`, mediaList(first, [map, ...shown], ...end))
    }
    // Never named by any list.
    await trial.put(`${list}${nine(count)}.m4s`, `unnamed ${list}${mark}`)
  }
  const variants = lists.map((list, at) => `#EXT-X-STREAM-INF:BANDWIDTH=${at + 1}\n${list}.m3u8\n`)
  await trial.put(`cam${date}_adaptive.m3u8`, `#EXTM3U\n${variants.join('')}`)
}

const nine = (number: number) => String(number).padStart(9, '0')
