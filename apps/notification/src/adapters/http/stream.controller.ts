import { Controller, Get, Headers, Inject, Query, Req, Res, type OnModuleDestroy } from '@nestjs/common';
import { ApiBearerAuth, ApiHeader, ApiPropertyOptional, ApiProduces, ApiTags } from '@nestjs/swagger';
import { IsOptional, Matches } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Audited } from '@throughline/platform/audit/audited';
import { CurrentActor, type Actor } from '@throughline/platform/auth/actor';
import { Allow } from '@throughline/platform/auth/allow';
import { badField, Problem } from '@throughline/platform/http/problem';
import { RUNTIME, type ServiceRuntime } from '@throughline/platform/service/runtime';
import type { Tx } from '../../application/ports.js';
import { NoticeFeed } from './notice-feed.js';
import { NoticeSpans } from './notice-spans.js';
import { streamNotices } from './notice-stream.js';

export interface StreamLimits {
  readonly perUser: number;
  readonly heartbeatMs: number;
  readonly lifetimeMs: number;
}

export const STREAM_LIMITS = Symbol('notification:stream-limits');

const NUMBER = /^\d{1,15}$/;

class StreamQuery {
  @ApiPropertyOptional({ type: 'integer', description: 'Number of the last notice you have; leave out for what happens from now on' })
  @IsOptional()
  @Matches(NUMBER, { message: 'after has to be the number of a notice' })
  after?: string;
}

@ApiTags('stream')
@ApiBearerAuth()
@Controller('stream')
export class StreamController implements OnModuleDestroy {
  readonly #open = new Map<string, number>();
  readonly #ending = new AbortController();
  readonly #streams = new Set<Promise<void>>();
  readonly #spans: NoticeSpans | undefined;

  constructor(
    @Inject(RUNTIME) private readonly runtime: ServiceRuntime<'notification', Tx>,
    @Inject(NoticeFeed) private readonly feed: NoticeFeed,
    @Inject(STREAM_LIMITS) private readonly limits: StreamLimits,
  ) {
    this.#spans = runtime.traces && new NoticeSpans(runtime.traces, runtime.clock);
  }

  /** Server-sent events; `id` is the notice's number, so a browser that reconnects misses none. */
  @Get()
  @Allow('stream:read')
  @Audited('notice', 'by-handler')
  @ApiProduces('text/event-stream')
  @ApiHeader({ name: 'Last-Event-ID', required: false, description: 'Resumes after this notice; goes before `after`' })
  async stream(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @Query() query: StreamQuery,
    @Headers('last-event-id') lastEventId: string | undefined,
  ): Promise<void> {
    const given = lastEventId ?? query.after;
    if (given !== undefined && !NUMBER.test(given)) throw badField('Last-Event-ID', 'has to be the number of a notice');
    this.#enter(actor.sub);
    let leave = (): void => undefined;
    try {
      // One row for the stream itself, further ones for the patients it tells of.
      await this.runtime.audit.disclose(request, 'notice', []);
      const following = await this.feed.follow();
      leave = following.leave;
      const known = following.last;
      const after = given === undefined ? known : Number(given);
      const lost = after > known;
      reply.hijack();
      reply.raw.writeHead(200, { ...(reply.getHeaders() as Record<string, string>), 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
      // A number from the future is from a database that was restored since: the client has to read everything again.
      reply.raw.write(`retry: 2000\n\n${lost ? `event: reset\nid: ${known}\ndata: {"number":${known}}\n\n` : ': connected\n\n'}`);
      const streaming = streamNotices({
        feed: this.feed,
        response: reply.raw,
        after: lost ? known : after,
        heartbeatMs: this.limits.heartbeatMs,
        lifetimeMs: this.limits.lifetimeMs,
        signal: this.#ending.signal,
        disclose: (patientIds) => this.runtime.audit.disclose(request, 'notice', patientIds),
        spans: this.#spans,
      }).catch((error: unknown) => this.runtime.logger.warn({ err: error }, 'a stream ended early; its client resumes'));
      this.#streams.add(streaming);
      await streaming;
      this.#streams.delete(streaming);
    } finally {
      leave();
      this.#exit(actor.sub);
    }
  }

  /** Before the server closes: it would wait for open answers. */
  async onModuleDestroy(): Promise<void> {
    this.#ending.abort();
    await Promise.all(this.#streams);
  }

  #enter(user: string): void {
    const open = this.#open.get(user) ?? 0;
    if (open >= this.limits.perUser) {
      throw new Problem(429, 'too-many-streams', 'Too many streams', `You have ${open} streams open. Close one of them and try again.`, undefined, { 'retry-after': '30' });
    }
    this.#open.set(user, open + 1);
  }

  #exit(user: string): void {
    const open = (this.#open.get(user) ?? 1) - 1;
    if (open === 0) this.#open.delete(user);
    else this.#open.set(user, open);
  }
}
