import { keepsPatients } from '@throughline/platform/patients/patient-keeper';
import { kept } from '@throughline/platform/persistence/kept';
import type { Unit } from '@throughline/platform/persistence/unit';
import type { Tx } from '../../application/ports.js';
import type { EmailPolicy } from '../../domain/email-policy.js';
import type { Message } from '../../domain/message.js';
import { MessageRow } from './message.row.js';
import { NoticeRow } from './notice.row.js';

const dueOf = (message: Message): Date | null => {
  if (message.state === 'planned') return new Date(message.dueAt);
  return message.state === 'sending' ? new Date(message.leaseUntil) : null;
};

export const postgresTx = (unit: Unit<'notification'>, email: EmailPolicy, wakeSender: () => void): Tx => ({
  now: unit.now.toISOString(),
  email,
  // No name: nothing it sends may say one.
  ...keepsPatients(unit, ({ patientId, zone, language, deceased }) => ({ patientId, zone, language, deceased })),
  messages: kept(unit.rows(MessageRow), (it) => ({
    id: it.id,
    patientId: it.patientId,
    kind: it.kind,
    state: it.state,
    dueAt: dueOf(it),
    plannedAt: new Date(it.plannedAt),
    body: it,
  })),
  notices: { append: (it) => unit.append(NoticeRow, { id: it.id, patientId: it.patientId, at: new Date(it.at), traceparent: unit.cause.traceparent ?? null, body: it }) },
  publish: (...events) => unit.publish(...events),
  alarm: (name, message, at) => unit.ask({ name, rowId: message.id, patientId: message.patientId, dueAt: new Date(at) }),
  wakeSender,
});
