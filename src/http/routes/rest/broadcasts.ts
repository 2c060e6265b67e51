import { z } from 'zod'
import { ReceiverError } from '../../../core/errors.ts'
import type { RecordingFormat } from '../../../core/making/order.ts'
import { safePath } from '../../../core/upload-path.ts'
import { failure, toBroadcast, toResult } from '../../ams-json.ts'
import { safeRecordingName } from './file-name.ts'
import { readJson } from './json-body.ts'
import { answer, operation } from './operation.ts'
import {
  bracedIdPart,
  broadcastJson,
  broadcastsJson,
  idPart,
  listInput,
  newBroadcast,
  numberJson,
  problemJson,
  resultJson,
  searchPart,
  switchPart,
  yes,
} from './schemas.ts'

const FORMATS: readonly RecordingFormat[] = ['mp4', 'webm']

const list = operation({
  method: 'get',
  path: '/broadcasts/list/{offset}/{size}',
  summary: 'Streams that are, or were, live, or were created',
  input: listInput,
  answers: { 200: broadcastsJson },
  handle({ offset, size, sort_by: sortBy, order_by: orderBy, search }, { app, management }) {
    return answer(management.broadcasts(app, { offset, size, sortBy, orderBy, search }).map(toBroadcast))
  },
})

const count = operation({
  method: 'get',
  path: '/broadcasts/count',
  summary: 'How many streams there are',
  input: z.object({}),
  answers: { 200: numberJson },
  handle: (_, { app, management }) => answer({ number: management.broadcastCount(app) }),
})

const countFound = operation({
  method: 'get',
  path: '/broadcasts/count/{search}',
  summary: 'How many streams a search finds',
  input: z.object({ search: searchPart }),
  answers: { 200: numberJson },
  handle: ({ search }, { app, management }) => answer({ number: management.broadcastCount(app, search) }),
})

const get = operation({
  method: 'get',
  path: '/broadcasts/{id}',
  summary: 'A stream',
  input: z.object({ id: idPart }),
  answers: { 200: broadcastJson, 404: problemJson },
  handle({ id }, { app, management }) {
    const broadcast = management.broadcast(app, id)
    if (broadcast === undefined) throw new ReceiverError('not-found')
    return answer(toBroadcast(broadcast))
  },
})

const create = operation({
  method: 'post',
  path: '/broadcasts/create',
  summary: 'Makes a stream known before it is live, so that its recording can be switched on',
  input: z.object({}),
  bodies: { 'application/json': newBroadcast },
  answers: { 200: broadcastJson, 400: resultJson },
  async handle(_, { app, management, body }) {
    const { streamId, name } = await readJson(body, newBroadcast)
    const asked = streamId?.trim() ?? ''
    const id = asked === '' ? crypto.randomUUID().replaceAll('-', '') : asked
    if (!isStreamId(id)) return answer(failure('Stream id is not valid.'), 400)
    if (management.broadcast(app, id) !== undefined) {
      return answer(failure('Stream id is already being used. Please change stream id or keep it empty'), 400)
    }
    return answer(toBroadcast(await management.createBroadcast(app, id, name ?? undefined)))
  },
})

const switchRecording = operation({
  method: 'put',
  path: '/broadcasts/{id}/recording/{status}',
  summary: 'Switches the recording of a stream on or off; one that is live is recorded from, or until, now',
  input: z.object({
    id: bracedIdPart,
    status: switchPart,
    recordType: z.string().default('mp4').describe('mp4 or webm.'),
    resolutionHeight: z.coerce
      .number()
      .int()
      .default(0)
      .transform((height) => Math.max(0, height))
      .describe('Lines of the rendition that is recorded; 0: all renditions.'),
    fileName: z.string().optional().describe("Name of the file in place of the stream's id."),
  }),
  answers: { 200: resultJson },
  async handle({ id, status, recordType, resolutionHeight, fileName }, { app, management }) {
    const format = FORMATS.find((each) => each === recordType)
    if (format === undefined) {
      return answer(failure(`No stream for this id: ${id} or unexpected record type. Record type is null`))
    }
    const name = fileName === undefined ? undefined : safeRecordingName(fileName, format)
    const query = { format, height: resolutionHeight, fileName: name }
    return answer(toResult(await management.switchRecording(app, id, status, query)))
  },
})

const hlsToMp4 = operation({
  method: 'post',
  path: '/broadcasts/{id}/hls-to-mp4',
  summary: 'Makes an mp4 of all that was recorded of a playlist: begins a job, and answers at once',
  input: z.object({
    id: idPart.describe('Name of the playlist, with or without .m3u8; the slashes of its folders are %2F.'),
    download: yes.describe('Without effect: the file is listed under /vods when it is made.'),
    deleteHLSFiles: yes.describe('Refused: DELETE_HLS_FILES_ON_ENDED removes recordings, when their files are made.'),
  }),
  answers: { 200: resultJson },
  async handle({ id, deleteHLSFiles }, { app, management }) {
    const name = id.replace(/\.m3u8$/i, '')
    return answer(toResult(await management.hlsToMp4(app, name, { deleteHls: deleteHLSFiles })))
  },
})

/** Half a surrogate pair, which no file name can have. */
const BROKEN = /\p{Surrogate}/u

function isStreamId(id: string): boolean {
  try {
    return safePath(id.split('/')) === id && !BROKEN.test(id)
  } catch (error) {
    if (error instanceof ReceiverError) return false
    throw error
  }
}

/** What can be asked of streams; fixed paths stand before those with an id in their place. */
export const BROADCAST_OPERATIONS = [list, count, countFound, create, get, switchRecording, hlsToMp4]
