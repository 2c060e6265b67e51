import { z } from 'zod'
import { ReceiverError } from '../../../core/errors.ts'
import { extensionOf } from '../../../core/file-kind.ts'
import { failure, toResult } from '../../ams-json.ts'
import { safeFileName } from './file-name.ts'
import { answer, type Call, operation } from './operation.ts'
import { resultJson } from './schemas.ts'

/** What AMS takes. */
const EXTENSIONS = ['mp4', 'webm', 'mov', 'avi', 'mp3', 'wmv']
/** Longest name of a file, in characters. */
const MAX_NAME = 200

/** Takes a file as a VoD; it goes where it is kept as it comes. */
export const createVod = operation({
  method: 'post',
  path: '/vods/create',
  summary: 'Takes a file as a VoD',
  input: z.object({
    name: z
      .string()
      .default('')
      .describe(`Name of the file; it ends in ${EXTENSIONS.join(', ')}.`),
  }),
  bodies: { 'multipart/form-data': 'form', 'video/*': 'binary', 'audio/*': 'binary' },
  answers: { 200: resultJson },
  async handle({ name }, call) {
    const safe = safeFileName(name)
    // AMS's panel knows this message.
    if (!EXTENSIONS.includes(extensionOf(safe))) return answer(failure('notSupportedFileType'))
    if (safe.length > MAX_NAME) return answer(failure('The name is too long.'))
    return answer(toResult(await taken(call, safe)))
  },
})

function taken({ app, management, bodyType, body, form }: Call, name: string) {
  if (/^(?:video|audio)\//.test(bodyType)) return management.createVod(app, name, body)
  if (bodyType !== 'multipart/form-data') throw new ReceiverError('body-type-unsupported')
  const sent = form()
  return management.createVod(app, name, sent.file, () => sent.field('metadata'))
}
