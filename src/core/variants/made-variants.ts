import { UNKNOWN_STREAM } from '../codecs/stream-info.ts'
import { MAX_RENDITIONS } from '../limits.ts'
import type { ServedPlaylist } from '../playlist-text.ts'
import { toBytes } from '../records.ts'
import { ofOneTime } from './one-time.ts'
import { RenditionInfos, type RenditionInfosParts } from './rendition-infos.ts'
import { type Rendition, RenditionSummaries, type RenditionSummariesParts } from './rendition-summaries.ts'
import { renditionsOf } from './renditions.ts'
import { renderVariants, type Variant, type VariantList, variantOf } from './variant-list.ts'

/** What multivariant playlists are made of. */
export type MadeVariantsParts = RenditionInfosParts & RenditionSummariesParts

/** Makes the multivariant playlist `STREAM_adaptive.m3u8` of the media playlists of a stream, where its encoder sent none. */
export class MadeVariants {
  readonly #parts: MadeVariantsParts
  readonly #infos: RenditionInfos
  readonly #summaries: RenditionSummaries

  constructor(parts: MadeVariantsParts) {
    this.#parts = parts
    this.#infos = new RenditionInfos(parts)
    this.#summaries = new RenditionSummaries(parts)
  }

  /** A media playlist was published: what is known of it is not of that version. */
  published(app: string, rendition: string): void {
    this.#summaries.forget(app, rendition)
  }

  /** How many media playlists there are that a multivariant one of this name may be made of; none of them is read for that. */
  count(app: string, name: string): number {
    return renditionsOf(this.#parts.journal, app, name).length
  }

  /** Reads what is not known yet of the segments of its playlists. */
  async read(app: string, name: string): Promise<void> {
    await Promise.all(this.#renditions(app, name).map((rendition) => this.#infos.read(rendition)))
  }

  /** The playlist with what is known at this moment; undefined where one that was uploaded is served, or nothing can be presented. */
  list(app: string, name: string): VariantList | undefined {
    return this.#listOf(this.#renditions(app, name))
  }

  /** The same as players get it, without those that are not found any more: these are told by when their newest version came. */
  served(
    app: string,
    name: string,
    isGone: (liveSince: number | undefined) => boolean = () => false,
  ): ServedPlaylist | undefined {
    const renditions = this.#renditions(app, name).filter(({ liveSince }) => !isGone(liveSince))
    const list = this.#listOf(renditions)
    return (
      list && {
        bytes: toBytes(renderVariants(name, list)),
        version: renditions.reduce((sum, { version }) => sum + version, 0),
        publishedAt: Math.max(...renditions.map(({ publishedAt }) => publishedAt)),
      }
    )
  }

  #listOf(renditions: readonly Rendition[]): VariantList | undefined {
    const variants = renditions.flatMap((rendition): Variant[] => {
      const { name, rates } = rendition
      return rates === undefined ? [] : [variantOf(name, rates, this.#infos.of(rendition) ?? UNKNOWN_STREAM)]
    })
    if (variants.length === 0) return undefined
    return { variants, isIndependent: renditions.every(({ isIndependent }) => isIndependent) }
  }

  #renditions(app: string, name: string): Rendition[] {
    const { journal, states } = this.#parts
    if (states.find(app, name)?.record?.served !== undefined) return []
    const all = renditionsOf(journal, app, name).flatMap((each) => this.#summaries.of(app, each) ?? [])
    return ofOneTime(all).slice(0, MAX_RENDITIONS)
  }
}
