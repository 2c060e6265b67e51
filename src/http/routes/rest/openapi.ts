import { z } from 'zod'
import { OTHER_PATHS } from './openapi-others.ts'
import type { Operation } from './operation.ts'
import { NAMED, problemJson, resultJson } from './schemas.ts'

/** A JSON object of the document. */
export type JsonObject = { readonly [name: string]: unknown }

/** What the document and its page show of one operation (OpenAPI 3.1, Operation Object). */
export interface DescribedOperation {
  readonly tags: readonly string[]
  readonly summary: string
  readonly description?: string
  readonly security?: readonly JsonObject[]
  readonly parameters?: readonly DescribedParameter[]
  readonly requestBody?: { readonly content: JsonObject }
  readonly responses: { readonly [status: string]: { readonly description: string; readonly content?: JsonObject } }
}

/** A parameter (OpenAPI 3.1, Parameter Object). */
export interface DescribedParameter {
  readonly name: string
  readonly in: 'path' | 'query'
  readonly required: boolean
  readonly description?: string
  readonly schema: JsonObject
}

/** An OpenAPI 3.1 document. */
export interface OpenApiDocument {
  readonly openapi: '3.1.0'
  readonly info: { readonly title: string; readonly version: string; readonly description: string }
  readonly paths: { readonly [path: string]: { readonly [method: string]: DescribedOperation } }
  readonly components: { readonly schemas: JsonObject; readonly securitySchemes: JsonObject }
}

const VERSION = '2'
const ABOUT =
  'Management of streams, recordings and files, compatible with the REST API of Ant Media Server, and in short what encoders and players use.'
const ADMIN = [{ bearer: [] }, { basic: [] }]
const SECURITY_SCHEMES = {
  bearer: { type: 'http', scheme: 'bearer', description: 'A key of ADMIN_KEYS.' },
  basic: { type: 'http', scheme: 'basic', description: 'A key of ADMIN_KEYS as user or password.' },
}
const APP: DescribedParameter = { name: 'app', in: 'path', required: true, schema: { type: 'string' } }
const PROBLEM = 'application/problem+json'

/** The description of the API, made from the very schemas that requests are checked by. */
export function openApiDocument(operations: readonly Operation[]): OpenApiDocument {
  const paths: Record<string, Record<string, DescribedOperation>> = {}
  for (const operation of operations) {
    const path = `/{app}/rest/v2${operation.path}`
    paths[path] = { ...paths[path], [operation.method]: describe(operation) }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'hls-receiver', version: VERSION, description: ABOUT },
    paths: { ...paths, ...OTHER_PATHS },
    components: { schemas: namedSchemas(), securitySchemes: SECURITY_SCHEMES },
  }
}

function describe(operation: Operation): DescribedOperation {
  const { summary, path, answers, bodies } = operation
  const responses = Object.entries(answers).map(([status, type]) => [status, response(type)])
  return {
    tags: [path.split('/')[1] ?? ''],
    summary,
    security: ADMIN,
    parameters: [APP, ...parameters(operation)],
    ...(bodies === undefined ? {} : { requestBody: { content: contents(bodies) } }),
    responses: { ...Object.fromEntries(responses), default: response(problemJson) },
  }
}

function response(type: z.ZodType): DescribedOperation['responses'][string] {
  const isProblem = type === problemJson
  const isResult = type === resultJson
  const description = isProblem ? 'Refused.' : isResult ? 'Done, or not done, as it says.' : 'What was asked for.'
  return { description, content: { [isProblem ? PROBLEM : 'application/json']: { schema: reference(type) } } }
}

function parameters({ path, input }: Operation): DescribedParameter[] {
  const { properties = {}, required = [] } = schemaOf(input)
  return Object.entries(properties as Record<string, JsonObject>).map(([name, { description, ...schema }]) => {
    const isInPath = path.includes(`{${name}}`)
    return {
      name,
      in: isInPath ? 'path' : 'query',
      required: isInPath || (required as string[]).includes(name),
      ...(typeof description === 'string' ? { description } : {}),
      schema,
    }
  })
}

function contents(bodies: NonNullable<Operation['bodies']>): JsonObject {
  const entries = Object.entries(bodies).map(([mediaType, type]) => [mediaType, { schema: bodySchema(type) }])
  return Object.fromEntries(entries)
}

function bodySchema(type: z.ZodType | 'binary' | 'form'): JsonObject {
  if (type === 'binary') return {}
  if (type !== 'form') return reference(type)
  const properties = { file: { type: 'string', format: 'binary' }, metadata: { type: 'string' } }
  return { type: 'object', properties, required: ['file'] }
}

function schemaOf(type: z.ZodType): JsonObject {
  const { $schema: _, ...schema } = z.toJSONSchema(type, { io: 'input' })
  return schema
}

function reference(type: z.ZodType): JsonObject {
  return { $ref: uriOf(NAMED.get(type)?.id ?? '') }
}

function uriOf(id: string): string {
  return `#/components/schemas/${id}`
}

function namedSchemas(): JsonObject {
  const { schemas } = z.toJSONSchema(NAMED, { uri: uriOf })
  const entries = Object.entries(schemas).map(([id, { $schema: _, $id: __, ...schema }]) => [id, schema])
  return Object.fromEntries(entries)
}
