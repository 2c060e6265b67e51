import type { Capture, CapturedRequest } from '../../src/testing/capture.ts'
import { captures, isPlaylist, playlistPaths } from '../support/captures.ts'
import { timelineOf } from './expected-text.ts'

/** Pushes without any playlist: a key that was never meant to be sent, and a stream of ranges that is refused. */
const WITHOUT_PLAYLIST = ['encrypted-http-keyfile', 'gst-soup-content-range']

/** Every recorded push that has playlists, and the restart again as it is when the second run has other pictures. */
export const cases: readonly Capture[] = captures
  .filter(({ name }) => !WITHOUT_PLAYLIST.includes(name))
  .flatMap((capture) => (capture.name === 'restart-without-append' ? [capture, withOtherBytes(capture)] : [capture]))

/** Whether segments leave a playlist before its end, or an encoder starts over. */
export function slides(capture: Capture): boolean {
  const timelines = playlistPaths(capture).map((path) => timelineOf(capture, path))
  return timelines.some(({ versions }) => new Set(versions.map(({ firstNumber }) => firstNumber)).size > 1)
}

/** Runs of a test source are equal to the byte; here each later body of a name ends in another byte. */
function withOtherBytes(capture: Capture): Capture {
  const names = new Set<string>()
  const requests = capture.requests.map((request) => {
    const isAgain = names.has(request.target) && !isPlaylist(request)
    names.add(request.target)
    return isAgain ? flipped(request) : request
  })
  return { ...capture, name: `${capture.name}-other-bytes`, requests }
}

function flipped(request: CapturedRequest): CapturedRequest {
  const body = request.body.slice()
  body[body.length - 1] = (body.at(-1) ?? 0) ^ 1
  return { ...request, body, pieces: [{ at: request.sentAt, bytes: body }] }
}
