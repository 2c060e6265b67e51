import type { DescribedOperation, DescribedParameter, OpenApiDocument } from './openapi.ts'

const text = (name: string, description?: string): DescribedParameter => ({
  name,
  in: 'path',
  required: true,
  ...(description === undefined ? {} : { description }),
  schema: { type: 'string' },
})
const query = (name: string, description: string): DescribedParameter => ({
  name,
  in: 'query',
  required: false,
  description,
  schema: { type: 'string' },
})

const APP = text('app')
const UPLOADED = [APP, text('name', 'Name of the file, with its folders.')]
const SERVED = [APP, text('name', 'Name of the playlist or file, with its folders.')]
const REFUSED = { description: 'Refused: a problem document with a stable code.' }

type Parts = Omit<DescribedOperation, 'responses'>

function described(parts: Parts, responses: Record<string, string>): DescribedOperation {
  const entries = Object.entries(responses).map(([status, description]) => [status, { description }])
  return { ...parts, responses: { ...Object.fromEntries(entries), default: REFUSED } }
}

const file = { content: { 'application/octet-stream': { schema: {} } } }
const upload = (summary: string): DescribedOperation =>
  described({ tags: ['upload'], summary, parameters: UPLOADED, requestBody: file }, { 200: 'Replaced.', 201: 'New.' })

/** What is no management, in short: the text of docs/ says more. */
export const OTHER_PATHS: OpenApiDocument['paths'] = {
  '/{app}/hls-upload/{name}': {
    put: upload('Takes a playlist, a segment, or another file of HLS; an ingest key may stand before: /{app}/k/KEY/…'),
    post: upload('The same.'),
    get: described(
      { tags: ['upload'], summary: 'What the encoder wrote, byte for byte', parameters: UPLOADED },
      { 200: 'The file.' },
    ),
    delete: described(
      { tags: ['upload'], summary: 'Notes that the encoder deletes a file', parameters: UPLOADED },
      { 200: 'Noted.' },
    ),
  },
  '/{app}/hls-upload': {
    post: described(
      { tags: ['upload'], summary: "Ant Media Server's message that a stream has ended", parameters: [APP] },
      { 200: 'Noted.' },
    ),
  },
  '/{app}/streams/{name}': {
    get: described(
      {
        tags: ['play'],
        summary: 'What players and CDNs read',
        parameters: [
          ...SERVED,
          query('playlist', 'Of a playlist: vod, all that was recorded; event, the same as it grows; runs, its runs.'),
          query('start', 'Of a playlist: a clip from here, in seconds since 1970 or as ISO 8601.'),
          query('end', 'Likewise: up to here.'),
        ],
      },
      { 200: 'The file.', 206: 'A range of it.', 302: 'To the newest run of a stream with dates in its names.' },
    ),
  },
  '/{app}/previews/{name}': {
    get: described(
      { tags: ['play'], summary: 'A picture of a stream', parameters: SERVED },
      { 200: 'PNG, JPEG or WebP.' },
    ),
  },
  '/healthz': { get: described({ tags: ['operations'], summary: 'Whether the process answers' }, { 200: 'It does.' }) },
  '/readyz': {
    get: described(
      { tags: ['operations'], summary: 'Whether uploads are welcome; with an admin key, numbers too' },
      { 200: 'They are.', 503: 'It is stopping, or has no room.' },
    ),
  },
  '/metrics': { get: described({ tags: ['operations'], summary: 'Numbers for Prometheus' }, { 200: 'Text.' }) },
  '/openapi.json': { get: described({ tags: ['operations'], summary: 'This document' }, { 200: 'OpenAPI 3.1.' }) },
  '/openapi': { get: described({ tags: ['operations'], summary: 'This document as a page' }, { 200: 'HTML.' }) },
}
