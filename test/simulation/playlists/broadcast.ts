import type { Random } from '../../support/random.ts'
import type { Endings } from './endings.ts'
import { drawHabits } from './habits.ts'
import type { Deletes } from './happenings.ts'
import { LastingModel } from './lasting-model.ts'
import { LiveEncoder } from './live-encoder.ts'
import { MultivariantEncoder } from './multivariant-encoder.ts'
import type { Sender } from './sending.ts'
import { Viewer } from './viewer.ts'

const TWO_CHANCE = 0.3
/** How often a second encoder sends under the names of the first, as one that stands by does by mistake. */
const RIVAL_CHANCE = 0.08
const MULTIVARIANT_CHANCE = 0.25
/** How much later than the first a second encoder begins, in ms. */
const LATER_MS = 12_000

/** Who sends, and who looks. */
export interface Broadcast {
  readonly live: readonly LiveEncoder[]
  readonly multivariant: MultivariantEncoder | undefined
  readonly viewers: readonly Viewer[]
}

/** Draws one or two encoders, alone or as the variants of one presentation. */
export function drawBroadcast(
  random: Random,
  sender: Sender,
  startsAt: number,
  deletes: Deletes,
  endings?: Endings,
): Broadcast {
  const isMultivariant = random.next() < MULTIVARIANT_CHANCE
  const count = isMultivariant || random.next() < TWO_CHANCE ? 2 : 1
  const live = Array.from({ length: count }, (_, index) => {
    const stem = stemOf(index, isMultivariant, endings)
    const own = random.fork(index)
    const begin = startsAt + (index === 0 ? 0 : random.whole(0, LATER_MS))
    return new LiveEncoder(own, drawHabits(own, stem), sender, new LastingModel(`${stem}.m3u8`), begin)
  })
  const viewers = live.map(
    ({ name, model }) => new Viewer(name, model, deletes === 'mirror' ? sender.deleted : undefined),
  )
  if (deletes !== 'none') for (const encoder of live) encoder.deletes()
  const [first] = live
  if (first !== undefined && random.next() < RIVAL_CHANCE) live.push(rivalOf(first, random.fork(-2), sender, startsAt))
  if (endings !== undefined) for (const each of [...live, ...viewers]) each.mayGo(endings)
  if (!isMultivariant) return { live, multivariant: undefined, viewers }
  const name = endings?.isOneStream === true ? 'cam.m3u8' : 'master.m3u8'
  const multivariant = new MultivariantEncoder(name, random.fork(count), sender, viewers, startsAt, endings)
  const leading = new Viewer(name)
  if (endings !== undefined) leading.mayGo(endings)
  return { live, multivariant, viewers: [...viewers, leading] }
}

function stemOf(index: number, isMultivariant: boolean, endings: Endings | undefined): string {
  if (isMultivariant && endings?.isOneStream === true) return ['cam_360p800kbps', 'cam_720p2000kbps'][index] ?? ''
  if (isMultivariant) return `v${index}/index`
  return index === 0 ? 'cam0' : (endings?.second ?? 'cam1')
}

/** Another encoder that knows nothing of the first, and sends under its names while that one does. */
function rivalOf({ habits, model }: LiveEncoder, random: Random, sender: Sender, startsAt: number): LiveEncoder {
  model.rival()
  return new LiveEncoder(random, habits, sender, model, startsAt + random.whole(0, LATER_MS), '-rival')
}
