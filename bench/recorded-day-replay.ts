import { openVirtualReceiver, tinySegment, type VirtualReceiver } from './virtual-receiver.ts'

/** What one hour of a recording cost, by the segment. */
export interface HourCost {
  /** CPU time of the process, in µs. */
  readonly cpuMicroseconds: number
  /** Bytes that were put into the store. */
  readonly storedBytes: number
  /** Heap after the hour and a garbage collection, in bytes, of all. */
  readonly heapBytes: number
}

/** Two recordings in one folder, and what the longer one cost. */
export interface Replay {
  readonly hours: readonly HourCost[]
  /** When each began, in ms since the epoch. */
  readonly begins: { readonly short: number; readonly long: number }
}

const SEGMENT_MS = 2_000
const HOUR_SEGMENTS = 1_800
const WINDOW = 5
/** The shorter recording, in hours. */
export const SHORT_HOURS = 2
export const SHORT = 'short'
export const LONG = 'long'

/** Records a stream of two hours and one of `hours`, as ffmpeg pushes them, with dates; time goes by as fast as it can. */
export async function replayRecordings(folder: string, hours: number): Promise<Replay> {
  const receiver = await openVirtualReceiver(folder)
  const short = await record(receiver, SHORT, SHORT_HOURS)
  const long = await record(receiver, LONG, hours)
  await receiver.close()
  return { hours: long.hours, begins: { short: short.begin, long: long.begin } }
}

async function record(receiver: VirtualReceiver, stream: string, hours: number) {
  const begin = receiver.now()
  const costs: HourCost[] = []
  for (let hour = 0; hour < hours; hour++) {
    const [cpu, stored] = [process.cpuUsage(), receiver.storedBytes()]
    for (let index = 0; index < HOUR_SEGMENTS; index++)
      await sendOne(receiver, stream, begin, hour * HOUR_SEGMENTS + index)
    const { user, system } = process.cpuUsage(cpu)
    const storedBytes = (receiver.storedBytes() - stored) / HOUR_SEGMENTS
    costs.push({ cpuMicroseconds: (user + system) / HOUR_SEGMENTS, storedBytes, heapBytes: heapBytes() })
    process.stderr.write(`${stream}: hour ${hour + 1} of ${hours}\n`)
  }
  await receiver.put(`${stream}.m3u8`, `${list(stream, begin, hours * HOUR_SEGMENTS - 1)}#EXT-X-ENDLIST\n`)
  await receiver.advance(60 * SEGMENT_MS)
  return { begin, hours: costs }
}

async function sendOne(receiver: VirtualReceiver, stream: string, begin: number, index: number): Promise<void> {
  const name = segmentName(stream, index)
  await receiver.put(name, tinySegment(name))
  await receiver.put(`${stream}.m3u8`, list(stream, begin, index))
  await receiver.advance(SEGMENT_MS)
}

function list(stream: string, begin: number, last: number): string {
  const first = Math.max(0, last - WINDOW + 1)
  const head = `#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:${first}\n`
  const entries = Array.from({ length: last - first + 1 }, (_, index) => {
    const date = new Date(begin + (first + index) * SEGMENT_MS).toISOString().replace('Z', '+0000')
    return `#EXTINF:2.000000,\n#EXT-X-PROGRAM-DATE-TIME:${date}\n${segmentName(stream, first + index)}\n`
  })
  return head + entries.join('')
}

function segmentName(stream: string, index: number): string {
  return `${stream}${String(index + 1).padStart(9, '0')}.ts`
}

function heapBytes(): number {
  if (globalThis.gc === undefined) throw new Error('Run with --expose-gc.')
  globalThis.gc()
  return process.memoryUsage().heapUsed
}
