/** A segment as it counts for bit rates. */
export interface MeasuredSegment {
  readonly bytes: number
  /** As its EXTINF says. */
  readonly seconds: number
}

/** Bit rates of a rendition, in bits a second. */
export interface BitRates {
  readonly peak: number
  readonly average: number
}

/** Of a target duration, how long a set of segments plays that counts for the peak. */
const SHORTEST_SET = 0.5
const LONGEST_SET = 1.5

/**
 * The rates of segments, where a hole is undefined; undefined where there are none. The peak is the largest rate of neighbours
 * that play between 0.5 and 1.5 target durations together (RFC 8216bis section 4.4.6.2), or of one that plays longer by itself.
 * Costs at most the square of their number, where they play for no time.
 */
export function bitRates(
  segments: readonly (MeasuredSegment | undefined)[],
  targetDuration: number,
): BitRates | undefined {
  const all = segments.filter((segment) => segment !== undefined)
  const seconds = all.reduce((sum, segment) => sum + segment.seconds, 0)
  if (seconds <= 0) return undefined
  const average = (8 * all.reduce((sum, segment) => sum + segment.bytes, 0)) / seconds
  const peaks = segments.map((_, first) => peakFrom(segments, first, targetDuration))
  return { peak: Math.max(average, ...peaks), average }
}

/** The largest rate of the sets that begin with a segment; 0 where none is long enough. */
function peakFrom(segments: readonly (MeasuredSegment | undefined)[], first: number, targetDuration: number): number {
  let [bytes, seconds, peak] = [0, 0, 0]
  for (let next = first; next < segments.length; next++) {
    const segment = segments[next]
    if (segment === undefined) break
    bytes += segment.bytes
    seconds += segment.seconds
    if (next > first && seconds > LONGEST_SET * targetDuration) break
    if (seconds > 0 && seconds >= SHORTEST_SET * targetDuration) peak = Math.max(peak, (8 * bytes) / seconds)
  }
  return peak
}
