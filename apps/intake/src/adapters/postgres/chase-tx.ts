import type { Publishes } from '@throughline/contracts/flow';
import { idOf } from '@throughline/kernel/ids';
import { AuditRow } from '@throughline/platform/persistence/audit.row';
import type { Unit } from '@throughline/platform/persistence/unit';
import type { ChaseTx } from '../../application/chase-ports.js';
import type { DocumentState } from '../../domain/document.js';
import type { Ladder, SummaryChase } from '../../domain/summary-chase.js';
import { DocumentRow } from './document.row.js';
import { SummaryChaseRow } from './summary-chase.row.js';

export interface Chasing {
  readonly ladder: Ladder;
  readonly wake: () => void;
}

export const NOT_CHASING: Chasing = { ladder: [], wake: () => undefined };

const TOUCHES: readonly string[] = ['care.discharge.recorded.v1', 'care.discharge.withdrawn.v1', 'care.document.received.v1'] satisfies Publishes<'intake'>['type'][];

export class PostgresChaseTx implements ChaseTx {
  readonly touched = new Set<string>();

  constructor(
    private readonly unit: Unit<'intake'>,
    private readonly chasing: Chasing,
  ) {}

  get ladder(): Ladder {
    return this.chasing.ladder;
  }

  get now(): string {
    return this.unit.now.toISOString();
  }

  hear(events: readonly Publishes<'intake'>[]): void {
    if (this.ladder.length === 0) return;
    for (const { type, data } of events) if (TOUCHES.includes(type)) this.touched.add(data.patientId);
  }

  async documents(patientId: string): Promise<readonly DocumentState[]> {
    return (await this.unit.rows(DocumentRow).of(patientId)).map((one) => one.body);
  }

  async of(patientId: string): Promise<readonly SummaryChase[]> {
    return (await this.unit.rows(SummaryChaseRow).of(patientId)).map((one) => one.body);
  }

  keep(chase: SummaryChase, before: SummaryChase | undefined): void {
    const { chaseId: id, patientId, status, since, dueAt } = chase;
    const due = dueAt === undefined ? null : new Date(dueAt);
    this.unit.rows(SummaryChaseRow).put(Object.assign(new SummaryChaseRow(), { id, patientId, status, since: new Date(since), dueAt: due, body: chase }));
    if (due && dueAt !== before?.dueAt) this.unit.ask({ name: 'summary-chase', rowId: id, patientId, dueAt: due });
  }

  disclose({ chaseId, patientId, dischargeId, queries }: SummaryChase): void {
    this.unit.append(
      AuditRow,
      Object.assign(new AuditRow(), {
        id: idOf('audit', 'summary-query', chaseId, queries),
        at: this.unit.now,
        actor: 'service:intake',
        roles: ['service'],
        action: 'disclose',
        resource: 'summary-source',
        patientId,
        subject: dischargeId,
        outcome: 'allowed',
        correlationId: this.unit.cause.correlationId,
      }),
    );
  }

  wake(): void {
    this.chasing.wake();
  }
}
