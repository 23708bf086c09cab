import { Body, Controller, Get, HttpCode, Inject, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Audited, AuditedChange } from '@throughline/platform/audit/audited';
import { Allow } from '@throughline/platform/auth/allow';
import { answer, type Answer } from '@throughline/platform/http/answer';
import { Command, type CommandRequest } from '@throughline/platform/http/command-request';
import { requireVersion } from '@throughline/platform/http/if-match';
import { decodeMoment, toPage, type Page } from '@throughline/platform/http/paging';
import { notFound } from '@throughline/platform/http/problem';
import { RUNTIME, type ServiceRuntime } from '@throughline/platform/service/runtime';
import type { Tx } from '../../application/ports.js';
import { READS, type Reads } from '../../application/reads.js';
import { stateRisk } from '../../application/state-risk.js';
import { StateRiskBody } from './bodies.js';
import { EpisodesQuery } from './queries.js';
import { EpisodePageShape, EpisodeShape, RiskStatedShape } from './shapes.js';
import { episodeView, type EpisodeView } from './views.js';

interface RiskStated {
  readonly id: string;
  readonly version: number;
  readonly risk: 'standard' | 'high';
  readonly visitWindow: EpisodeView['visitWindow'];
}

@ApiTags('episodes')
@Controller('episodes')
export class EpisodesController {
  constructor(
    @Inject(RUNTIME) private readonly runtime: ServiceRuntime<'care-plan', Tx>,
    @Inject(READS) private readonly reads: Reads,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Follow-ups of discharges and referrals, newest first' })
  @ApiOkResponse({ type: EpisodePageShape })
  @Allow('episode:read')
  @Audited('episode', (page: Page<EpisodeView>) => page.items.map((episode) => episode.patientId))
  async list(@Query() query: EpisodesQuery): Promise<Page<EpisodeView>> {
    const after = decodeMoment(query.cursor);
    const rows = await this.reads.episodes({ status: query.status, patient: query.patient, kind: query.kind }, after, query.limit + 1);
    return toPage(rows, query.limit, ({ episode }) => [episode.openedAt, episode.episodeId], episodeView);
  }

  @Get(':id')
  @ApiOkResponse({ type: EpisodeShape })
  @Allow('episode:read')
  @Audited('episode', (episode: EpisodeView) => [episode.patientId])
  async one(@Param('id', ParseUUIDPipe) id: string): Promise<Answer<EpisodeView>> {
    const found = await this.reads.episode(id);
    if (!found) throw notFound('episode');
    return answer(episodeView(found), { version: found.episode.version });
  }

  @Post(':id/risk')
  @HttpCode(200)
  @ApiOperation({ summary: 'State the risk; high brings the visit forward' })
  @ApiOkResponse({ type: RiskStatedShape })
  @Allow('task:change')
  @AuditedChange('episode')
  async risk(@Param('id', ParseUUIDPipe) id: string, @Body() body: StateRiskBody, @Command() command: CommandRequest): Promise<Answer<RiskStated>> {
    const found = await this.reads.episode(id);
    if (!found) throw notFound('episode');
    const { patientId, correlationId } = found.episode;
    const read = async (tx: Tx) => (await tx.person(patientId)).episodes.find((episode) => episode.episodeId === id);
    return this.runtime.commands.run(command, { patientIds: [patientId], subject: id, correlationId }, async (tx) => {
      const before = await read(tx);
      if (!before) throw notFound('episode');
      requireVersion(command, before.version);
      await stateRisk({ patientId, episodeId: id, risk: body.risk }, tx);
      const { version, risk, visitWindow } = (await read(tx)) ?? before;
      return answer({ id, version, risk, visitWindow }, { version });
    });
  }
}
