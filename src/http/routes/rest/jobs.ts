import { z } from 'zod'
import { MAX_LISTED } from '../../../core/limits.ts'
import { failure, toJob, toResult } from '../../ams-json.ts'
import { answer, operation } from './operation.ts'
import { jobsJson, listInput, opaqueId, resultJson } from './schemas.ts'

const list = operation({
  method: 'get',
  path: '/jobs',
  summary: 'Jobs that make files, and those that failed, the oldest first',
  input: z.object({
    offset: listInput.shape.offset.default(0),
    size: listInput.shape.size.default(MAX_LISTED),
  }),
  answers: { 200: jobsJson },
  handle({ offset, size }, { app, management }) {
    return answer(
      management
        .jobs(app)
        .slice(offset, offset + size)
        .map(toJob),
    )
  },
})

const cancel = operation({
  method: 'delete',
  path: '/jobs/{id}',
  summary: 'Ends a job, and forgets it',
  input: z.object({ id: z.string() }),
  answers: { 200: resultJson },
  async handle({ id }, { app, management }) {
    const isEnded = opaqueId.safeParse(id).success && (await management.cancelJob(app, id))
    if (!isEnded) return answer(failure('There is no such job.'))
    return answer(toResult({ success: true, message: null, dataId: id, errorId: 0 }))
  },
})

/** What can be asked of jobs; AMS has none. */
export const JOB_OPERATIONS = [list, cancel]
