import { isServedEnded } from '../playlist-record.ts'
import type { Host } from '../ports.ts'
import { endNumbers, nextNumbers, runningTakes } from '../sessions/session-steps.ts'
import type { Sessions, StreamTurn, Turned } from '../sessions/sessions.ts'
import type { Session, StreamRecord, Switch, Take } from '../sessions/stream-record.ts'
import { isOfHeight } from '../sessions/taken-files.ts'
import { newVodId } from '../vods/vod-id.ts'
import type { RecordingQuery, Result } from './management.ts'
import { failed, succeeded } from './result.ts'

/** What switches recordings. */
export interface RecordingSwitchParts {
  readonly host: Host
  readonly sessions: Sessions
}

interface Switched {
  readonly result: Result
  readonly turned?: Turned
}

/**
 * Switches the recording of a stream on or off, as AMS does (facts of AMS, section 4.1): for the next time that it is live, and if
 * it is live, now. The segment that is under way belongs to the file at both ends.
 */
export async function switchRecording(
  { host, sessions }: RecordingSwitchParts,
  { app, stream }: { readonly app: string; readonly stream: string },
  isOn: boolean,
  query: RecordingQuery,
): Promise<Result> {
  let result = failed()
  await sessions.inTurn(app, stream, (turn) => {
    const switched = turn.record === undefined ? { result } : change(host, turn, turn.record, isOn, query)
    result = switched.result
    return switched.turned
  })
  return result
}

function change(host: Host, turn: StreamTurn, record: StreamRecord, isOn: boolean, query: RecordingQuery): Switched {
  const own: Switch = isOn ? 1 : -1
  const switched = { ...record, [query.format]: own }
  const { session } = record
  // Just after its end a session waits for its encoder to come back.
  const isOver = turn.playlists.every((playlist) => isServedEnded(playlist.record))
  if (session === undefined || (isOn && isOver)) return { result: succeeded(), turned: { record: switched } }
  return isOn ? begin(host, turn, switched, session, query) : end(turn, switched, session, query)
}

function begin(host: Host, turn: StreamTurn, record: StreamRecord, session: Session, query: RecordingQuery): Switched {
  const { format, height, fileName } = query
  const isThere = turn.playlists.some(({ name }) => isOfHeight(name, height))
  const isRunning = runningTakes(session, format, 0).some(
    (take) => [take.height, height].includes(0) || take.height === height,
  )
  if (isRunning || !isThere) {
    return { result: failed(`${format} recording couldn't be started`) }
  }
  const startedAt = host.clock.now()
  const take: Take = {
    ...{ vodId: newVodId(() => host.random()), format, height, startedAt, from: nextNumbers(turn.playlists) },
    ...(fileName === undefined ? {} : { fileName }),
  }
  const { app, stream } = turn
  const about = { app, id: stream, timestamp: startedAt, vodId: take.vodId, fileType: format }
  return {
    result: succeeded(take.vodId, String(startedAt)),
    turned: {
      record: { ...record, session: { ...session, takes: [...session.takes, take] } },
      events: [{ action: 'recordingStarted', ...about }],
    },
  }
}

function end(turn: StreamTurn, record: StreamRecord, session: Session, { format, height }: RecordingQuery): Switched {
  const running = runningTakes(session, format, height)
  const [first] = running
  if (first === undefined) return { result: failed(`${format} recording couldn't be stopped`) }
  const to = endNumbers(turn.playlists)
  const takes = session.takes.map((take) => (running.includes(take) ? { ...take, to } : take))
  return {
    result: succeeded(first.vodId, String(first.startedAt)),
    turned: { record: { ...record, session: { ...session, takes } } },
  }
}
