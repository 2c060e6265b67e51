import { z } from 'zod'
import type { Result } from '../../../core/management/management.ts'
import { failure, toResult, toVod } from '../../ams-json.ts'
import { answer, type Call, operation } from './operation.ts'
import { listInput, numberJson, opaqueId, resultJson, searchPart, vodJson, vodsJson } from './schemas.ts'
import { createVod } from './vod-upload.ts'

const NO_IDS = "ids parameter is blank. Please give comma-separated vod ids to the 'ids' as query parameter"

const list = operation({
  method: 'get',
  path: '/vods/list/{offset}/{size}',
  summary: 'Files to watch on demand',
  input: listInput.extend({ streamId: z.string().optional().describe('Only those of this stream.') }),
  answers: { 200: vodsJson },
  handle({ offset, size, sort_by: sortBy, order_by: orderBy, search, streamId }, { app, management }) {
    return answer(management.vods(app, { offset, size, sortBy, orderBy, search, streamId }).map(toVod))
  },
})

const count = operation({
  method: 'get',
  path: '/vods/count',
  summary: 'How many files there are',
  input: z.object({}),
  answers: { 200: numberJson },
  handle: (_, { app, management }) => answer({ number: management.vodCount(app) }),
})

const countFound = operation({
  method: 'get',
  path: '/vods/count/{search}',
  summary: 'How many files a search finds',
  input: z.object({ search: searchPart }),
  answers: { 200: numberJson },
  handle: ({ search }, { app, management }) => answer({ number: management.vodCount(app, search) }),
})

const directory = z.object({
  directory: z.string().default('').describe('A folder on the machine of the receiver.'),
})

const importFolder = operation({
  method: 'post',
  path: '/vods/directory',
  summary: 'Lists the files of a folder as VoDs',
  input: directory,
  answers: { 200: resultJson },
  handle: (asked, call) => ofFolder(asked.directory, () => call.management.importFolder(call.app, asked.directory)),
})

const unlinkFolder = operation({
  method: 'delete',
  path: '/vods/directory',
  summary: 'Takes the files of a folder out of the list; the files stay',
  input: directory,
  answers: { 200: resultJson },
  handle: (asked, call) => ofFolder(asked.directory, () => call.management.unlinkFolder(call.app, asked.directory)),
})

const get = operation({
  method: 'get',
  path: '/vods/{id}',
  summary: 'A file to watch on demand; where there is none, one with every field empty',
  input: z.object({ id: z.string() }),
  answers: { 200: vodJson },
  handle({ id }, { app, management }) {
    return answer(toVod(isId(id) ? management.vod(app, id) : undefined))
  },
})

const remove = operation({
  method: 'delete',
  path: '/vods/{id}',
  summary: 'Removes a file, with its preview',
  input: z.object({ id: z.string() }),
  answers: { 200: resultJson },
  handle: async ({ id }, call) => answer(toResult(await removed(call, id))),
})

const removeMany = operation({
  method: 'delete',
  path: '/vods',
  summary: 'Removes files one after the other, up to the first that cannot be removed',
  input: z.object({ ids: z.string().default('').describe('Separated by commas.') }),
  answers: { 200: resultJson },
  async handle({ ids }, call) {
    let result: Result = failure(NO_IDS)
    for (const id of ids.split(',').filter((each) => each.trim() !== '')) {
      result = await removed(call, id.trim())
      if (!result.success) break
    }
    return answer(toResult(result))
  },
})

function isId(id: string): boolean {
  return opaqueId.safeParse(id).success
}

/** AMS answers the same with an empty message where there is no such file. */
async function removed({ app, management }: Call, id: string): Promise<Result> {
  return isId(id) ? management.removeVod(app, id) : failure('')
}

async function ofFolder(folder: string, change: () => Promise<Result>): Promise<Response> {
  return answer(folder.trim() === '' ? failure('directory parameter is blank') : toResult(await change()))
}

/** What can be asked of VoDs; fixed paths stand before those with an id in their place. */
export const VOD_OPERATIONS = [list, count, countFound, createVod, importFolder, unlinkFolder, get, remove, removeMany]
