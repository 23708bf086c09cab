import { ApiProperty } from '@nestjs/swagger';
import { ReferralData } from '@throughline/contracts/statement-events';
import { PageOf } from '@throughline/platform/http/page-view';
import { SNOOZE_REASONS } from '../../domain/snooze.js';
import { PatientView } from '@throughline/platform/patients/patient-view';

/** The answers as the OpenAPI document shows them; `views.ts` fills them. */
const text = { type: String } as const;
const maybe = { type: String, nullable: true } as const;
const uuid = { type: String, format: 'uuid' } as const;
const maybeId = { ...uuid, nullable: true } as const;
const referredBy = { enum: ReferralData.shape.by.options, nullable: true };
const urgency = { enum: ['routine', 'urgent'], nullable: true };
const instant = { type: String, format: 'date-time' } as const;
const RESULTS = ['completed', 'stale-version', 'not-allowed', 'not-found'];
const TASK_STATUS = ['open', 'overdue', 'completed', 'withdrawn'];

export class PatientShape extends PatientView {
  @ApiProperty(text) family!: string;
  @ApiProperty(text) given!: string;
  @ApiProperty(maybe) recordAuthority!: string | null;
  @ApiProperty(maybe) sex!: string | null;
  @ApiProperty(maybe) phone!: string | null;
  @ApiProperty(maybe) language!: string | null;
  @ApiProperty(maybe) zone!: string | null;
  @ApiProperty({ type: Boolean }) deceased!: boolean;
}

class ProtocolShape {
  @ApiProperty({ type: String, example: 'transitional-care' }) id!: string;
  @ApiProperty({ type: String, example: '1' }) version!: string;
}

class BecauseShape {
  @ApiProperty(uuid) eventId!: string;
  @ApiProperty(text) eventType!: string;
}

class DeadlineShape {
  @ApiProperty({ type: String, example: 'End of business day 2 after the discharge on 2026-03-06' }) rule!: string;
  @ApiProperty({ type: String, example: 'America/New_York' }) zone!: string;
  @ApiProperty({ type: String, example: 'us-federal@2024.1' }) calendar!: string;
}

class WhyShape {
  @ApiProperty(text) label!: string;
  @ApiProperty({ type: BecauseShape, description: 'The event that put the task here' }) because!: BecauseShape;
  @ApiProperty({ type: ProtocolShape }) protocol!: ProtocolShape;
  @ApiProperty({ type: String, description: 'Step of the protocol' }) step!: string;
  @ApiProperty({ type: DeadlineShape }) deadline!: DeadlineShape;
  @ApiProperty({ type: [String], description: 'What clears it by itself; empty: a person only' }) clearedBy!: string[];
}

class OutcomeChoiceShape {
  @ApiProperty(text) code!: string;
  @ApiProperty(text) label!: string;
}

class OutcomeShape {
  @ApiProperty(text) code!: string;
  @ApiProperty(instant) at!: string;
  @ApiProperty(text) by!: string;
  @ApiProperty({ ...uuid, required: false }) evidence?: string;
}

class SnoozedShape {
  @ApiProperty(instant) until!: string;
  @ApiProperty({ enum: SNOOZE_REASONS }) reason!: string;
  @ApiProperty(text) by!: string;
}

class SnoozedWithNoteShape extends SnoozedShape {
  @ApiProperty(maybe) note!: string | null;
}

class OccasionShape {
  @ApiProperty({ enum: ['discharge', 'referral'], description: 'What put the patient here' }) kind!: string;
  @ApiProperty({ ...instant, nullable: true }) at!: string | null;
  @ApiProperty(referredBy) referredBy!: string | null;
  @ApiProperty(urgency) urgency!: string | null;
}

export class TaskChangedShape {
  @ApiProperty(uuid) id!: string;
  @ApiProperty({ type: 'integer' }) version!: number;
  @ApiProperty({ enum: TASK_STATUS }) status!: string;
  @ApiProperty(instant) dueAt!: string;
  @ApiProperty({ type: 'integer', description: '0: nobody but the team was told; n: the n-th rung of the ladder' }) escalation!: number;
  @ApiProperty(maybe) assignee!: string | null;
  @ApiProperty({ type: SnoozedShape, nullable: true, description: 'Put aside until then; due time and escalation go on' }) snoozed!: SnoozedShape | null;
  @ApiProperty({ type: OutcomeShape, nullable: true }) outcome!: OutcomeShape | null;
  @ApiProperty(uuid) patientId!: string;
  @ApiProperty(uuid) episodeId!: string;
}

export class TaskShape extends TaskChangedShape {
  @ApiProperty({ type: PatientView }) patient!: PatientView;
  @ApiProperty({ ...maybeId, description: 'The discharge it is about; null: it is about a referral' }) dischargeId!: string | null;
  @ApiProperty({ ...maybeId, description: 'The referral it is about; null: it is about a discharge' }) referralId!: string | null;
  @ApiProperty({ type: OccasionShape }) occasion!: OccasionShape;
  @ApiProperty({ type: String, example: 'contact' }) stepId!: string;
  @ApiProperty({ type: 'integer' }) occurrence!: number;
  @ApiProperty(text) label!: string;
  @ApiProperty(instant) openedAt!: string;
  @ApiProperty(text) team!: string;
  @ApiProperty(maybe) escalatedTo!: string | null;
  @ApiProperty({ type: Boolean, description: 'Heard of more than 30 days after the discharge or referral' }) backdated!: boolean;
  @ApiProperty(maybe) note!: string | null;
  @ApiProperty(text) correlationId!: string;
  @ApiProperty({ type: [OutcomeChoiceShape], description: 'What a person may complete it with' }) outcomes!: OutcomeChoiceShape[];
  @ApiProperty({ ...instant, nullable: true, description: 'The latest moment it can be put aside until; null once it has ended' }) snoozeLimit!: string | null;
  @ApiProperty({ type: SnoozedWithNoteShape, nullable: true }) declare snoozed: SnoozedWithNoteShape | null;
  @ApiProperty({ type: WhyShape }) why!: WhyShape;
}

class TaskCompletionShape {
  @ApiProperty(uuid) id!: string;
  @ApiProperty({ enum: RESULTS }) result!: string;
  @ApiProperty({ type: 'integer', required: false, description: 'The version it has now; absent when it was not found' }) version?: number;
  @ApiProperty({ type: String, required: false, example: 'attempts-missing', description: 'Why it is not allowed' }) reason?: string;
  @ApiProperty({ type: String, required: false }) detail?: string;
}

export class TasksCompletedShape {
  @ApiProperty({ type: [TaskCompletionShape], description: 'One for each, in the order they were sent' }) results!: TaskCompletionShape[];
}

class ColleagueShape {
  @ApiProperty({ type: String, example: 'nina.nurse' }) sub!: string;
  @ApiProperty(text) name!: string;
  @ApiProperty({ type: [String] }) roles!: string[];
}

class VisitWindowShape {
  @ApiProperty({ type: String, format: 'date' }) from!: string;
  @ApiProperty({ type: String, format: 'date' }) to!: string;
  @ApiProperty(instant) dueAt!: string;
}

export class RiskStatedShape {
  @ApiProperty(uuid) id!: string;
  @ApiProperty({ type: 'integer' }) version!: number;
  @ApiProperty({ enum: ['standard', 'high'] }) risk!: string;
  @ApiProperty({ type: VisitWindowShape }) visitWindow!: VisitWindowShape;
}

export class EpisodeShape extends RiskStatedShape {
  @ApiProperty({ enum: ['transition', 'programme'], description: 'It follows a discharge, or a referral' }) kind!: string;
  @ApiProperty({ ...maybeId, description: 'Of kind transition' }) dischargeId!: string | null;
  @ApiProperty({ ...maybeId, description: 'Of kind programme' }) referralId!: string | null;
  @ApiProperty({ enum: ['open', 'paused', 'superseded', 'withdrawn', 'closed'] }) status!: string;
  @ApiProperty(maybe) reason!: string | null;
  @ApiProperty({ type: ProtocolShape }) protocol!: ProtocolShape;
  @ApiProperty({ ...instant, nullable: true, description: 'Of kind transition' }) dischargedAt!: string | null;
  @ApiProperty({ ...instant, nullable: true, description: 'Of kind programme' }) referredAt!: string | null;
  @ApiProperty({ ...referredBy, description: 'Of kind programme' }) referredBy!: string | null;
  @ApiProperty({ ...urgency, description: 'Of kind programme, where it was said' }) urgency!: string | null;
  @ApiProperty({ ...text, description: 'The zone its dates are counted in' }) facilityZone!: string;
  @ApiProperty({ type: Boolean }) backdated!: boolean;
  @ApiProperty(uuid) patientId!: string;
  @ApiProperty({ type: PatientView }) patient!: PatientView;
  @ApiProperty(instant) openedAt!: string;
  @ApiProperty(text) correlationId!: string;
}

export class ContactRecordedShape {
  @ApiProperty(uuid) id!: string;
  @ApiProperty({ type: 'integer' }) version!: number;
  @ApiProperty(uuid) patientId!: string;
  @ApiProperty(text) outcome!: string;
}

class TimelineShape {
  @ApiProperty(uuid) id!: string;
  @ApiProperty(uuid) patientId!: string;
  @ApiProperty(instant) at!: string;
  @ApiProperty({ type: String, example: 'task.overdue' }) kind!: string;
  @ApiProperty(text) label!: string;
  @ApiProperty(maybe) by!: string | null;
  @ApiProperty(maybe) detail!: string | null;
  @ApiProperty({ ...uuid, nullable: true }) episodeId!: string | null;
  @ApiProperty({ ...uuid, nullable: true }) taskId!: string | null;
}

export class ColleaguePageShape extends PageOf(ColleagueShape) {}
export class TaskPageShape extends PageOf(TaskShape) {}
export class EpisodePageShape extends PageOf(EpisodeShape) {}
export class PatientPageShape extends PageOf(PatientShape) {}
export class TimelinePageShape extends PageOf(TimelineShape) {}
