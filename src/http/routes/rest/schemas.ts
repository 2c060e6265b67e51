import { z } from 'zod'
import { MAX_LISTED } from '../../../core/limits.ts'
import { decodePercent, safePath } from '../../../core/upload-path.ts'

/** The answers that have a name in the API's description. */
export const NAMED = z.registry<{ id: string }>()

function named<T extends z.ZodType>(id: string, type: T): T {
  NAMED.add(type, { id })
  return type
}

const noText = z.string().nullable()
const millis = z.int().describe('Milliseconds since the epoch; 0: unknown.')

/** AMS's answer to what changes something. */
export const resultJson = named(
  'Result',
  z.strictObject({
    success: z.boolean(),
    message: noText,
    dataId: noText.describe('The id of what was made.'),
    errorId: z.int(),
  }),
)

/** A stream, with AMS's fields; those that are always null here are there for its clients. */
export const broadcastJson = named(
  'Broadcast',
  z.strictObject({
    streamId: z.string().describe('With its folder; in a path its slashes are %2F.'),
    status: z.enum(['broadcasting', 'finished', 'created']),
    type: z.literal('liveStream'),
    publishType: noText,
    name: z.string(),
    description: noText,
    category: noText,
    metaData: noText,
    startTime: millis,
    originAdress: noText,
    mp4Enabled: z.int().min(-1).max(1).describe('1 on, -1 off, 0 as the app has it.'),
    webMEnabled: z.int().min(-1).max(1).describe('1 on, -1 off, 0 as the app has it.'),
    mainTrackStreamId: noText,
    listenerHookURL: noText,
    subFolder: noText,
  }),
)
export const broadcastsJson = named('Broadcasts', z.array(broadcastJson))

/** A file to watch on demand, with all of AMS's fields; of one that there is not, AMS answers every field empty. */
export const vodJson = named(
  'VoD',
  z.strictObject({
    streamName: noText,
    vodName: noText,
    streamId: noText,
    creationDate: millis,
    startTime: millis,
    duration: z.int().min(0).describe('Milliseconds.'),
    fileSize: z.int().min(0).describe('Bytes.'),
    filePath: noText.describe('Below /{app}/: streams/…'),
    vodId: noText,
    type: z.enum(['streamVod', 'userVod', 'uploadedVod']).nullable(),
    previewFilePath: noText.describe('Below /{app}/: previews/…'),
    processStatus: z.literal('finished').nullable(),
    processStartTime: millis,
    processEndTime: millis,
    description: noText,
    metadata: noText,
    latitude: noText,
    longitude: noText,
    altitude: noText,
  }),
)
export const vodsJson = named('VoDs', z.array(vodJson))

/** How many there are, as AMS answers it. */
export const numberJson = named('Number', z.strictObject({ number: z.int().min(0) }))

/** A job that makes a file. */
export const jobJson = named(
  'Job',
  z.strictObject({
    id: z.string(),
    state: z.enum(['waiting', 'running', 'failed']),
    percent: z.int().min(0).max(100),
    attempts: z.int().min(0),
    file: z.string(),
    streamId: z.string(),
    error: z.strictObject({ code: z.string(), text: z.string() }).nullable().describe('Of the last failure.'),
  }),
)
export const jobsJson = named('Jobs', z.array(jobJson))

/** An error (RFC 9457). */
export const problemJson = named(
  'Problem',
  z.strictObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string().describe('Stable; docs/errors.md lists them.'),
    detail: z.string().optional(),
  }),
)

/** A stream's id in a path, not decoded yet: slashes of its folders are %2F. Throws what `safePath` throws. */
export const idPart = z
  .string()
  .transform((raw) => safePath(raw.split(/\/|%2f/i)))
  .describe('Id of the stream; the slashes of its folders are %2F.')
/** The same; a pair of braces around it, as AMS's documentation writes it, is dropped where curl has not. */
export const bracedIdPart = z
  .string()
  .transform((raw) => safePath(raw.replace(/^(?:\{|%7b)(.*)(?:\}|%7d)$/i, '$1').split(/\/|%2f/i)))
  .describe('Id of the stream; the slashes of its folders are %2F.')
/** On or off in a path, likewise. */
export const switchPart = z
  .string()
  .transform((raw) =>
    decodePercent(raw)
      .replace(/^\{(.*)\}$/, '$1')
      .toLowerCase(),
  )
  .pipe(z.enum(['true', 'false']))
  .transform((text) => text === 'true')
  .describe('true or false.')
/** What is looked for, in a path. */
export const searchPart = z.string().transform(decodePercent)
/** An id of ours in a path or a list. */
export const opaqueId = z.string().regex(/^[A-Za-z0-9-]{1,64}$/)

/** A yes of a query; as in AMS, all else is a no. */
export const yes = z
  .string()
  .default('false')
  .transform((text) => text.toLowerCase() === 'true')

/** Which part of a list is asked for; as in AMS, what is out of bounds is brought into them. */
export const listInput = z.object({
  offset: z.coerce
    .number()
    .int()
    .transform((number) => Math.max(0, number)),
  size: z.coerce
    .number()
    .int()
    .transform((number) => Math.min(MAX_LISTED, Math.max(0, number)))
    .describe(`At most ${MAX_LISTED}.`),
  sort_by: z.string().optional().describe('name or date; of broadcasts status too.'),
  order_by: z.string().optional().describe('asc or desc.'),
  search: z.string().optional().describe('A part of a name, an id or a description.'),
})

/** What a broadcast is made of; AMS's clients send more, which is left aside. */
export const newBroadcast = named(
  'NewBroadcast',
  z.object({
    streamId: z.string().nullish().describe('One is made up where there is none.'),
    name: z.string().max(1000).nullish(),
  }),
)
