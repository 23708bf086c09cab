import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

/** What the reads answer, for the OpenAPI document. */
export class PatientShape {
  @ApiProperty({ type: String, format: 'uuid' }) id!: string;
  @ApiProperty({ type: String }) name!: string;
  @ApiProperty({ type: String, format: 'date', nullable: true }) birthDate!: string | null;
  @ApiProperty({ type: String, nullable: true }) recordNumber!: string | null;
  @ApiProperty({ type: String, nullable: true }) recordAuthority!: string | null;
  @ApiProperty({ type: Boolean }) deceased!: boolean;
}

export class PersonShape extends PatientShape {
  @ApiProperty({ type: [Object], description: 'Every number the person is known by: kind, authority, value' }) identifiers!: object[];
  @ApiProperty({ type: [Object], description: 'Every record that names the person: id, record number, and the id it goes by' }) records!: object[];
  @ApiProperty({ type: [Object], description: 'Stays, as `care.encounter.recorded.v1` states them' }) encounters!: object[];
  @ApiProperty({ type: [Object], description: 'Discharges, as `care.discharge.recorded.v1` states them' }) discharges!: object[];
}

export class PartedShape {
  @ApiProperty({ type: String, format: 'uuid' }) patientId!: string;
  @ApiProperty({ type: String, format: 'uuid', description: 'Whose the record was said to be' }) was!: string;
}

export class LineShape {
  @ApiProperty({ type: String, format: 'uuid' }) id!: string;
  @ApiProperty({ type: Object, description: 'The medicine as the source wrote it' }) medicine!: object;
  @ApiPropertyOptional({ type: String, format: 'uuid' }) dischargeId?: string;
  @ApiProperty({ type: String }) source!: string;
}

export class TimelineShape {
  @ApiProperty({ type: String, format: 'uuid' }) id!: string;
  @ApiProperty({ type: String, format: 'date-time' }) at!: string;
  @ApiProperty({ type: String }) kind!: string;
  @ApiProperty({ type: String }) label!: string;
  @ApiProperty({ type: String, description: 'The sending system' }) by!: string;
  @ApiProperty({ type: String, description: "The message's own number, as its sender gave it (MSH-10, or the idempotency key)" }) controlId!: string;
  @ApiProperty({ type: String }) outcome!: string;
}

export class InboundShape {
  @ApiProperty({ type: String, format: 'uuid' }) id!: string;
  @ApiProperty({ type: String, format: 'date-time' }) receivedAt!: string;
  @ApiProperty({ enum: ['hl7v2', 'json', 'fhir', 'ccda', 'cloudevents'] }) protocol!: string;
  @ApiProperty({ type: String }) sender!: string;
  @ApiProperty({ type: String }) controlId!: string;
  @ApiProperty({ type: String }) trigger!: string;
  @ApiProperty({ enum: ['AA', 'AE', 'AR'] }) answer!: string;
  @ApiProperty({ type: String }) outcome!: string;
  @ApiProperty({ type: [Object], nullable: true, description: 'Why it is in quarantine' }) reasons!: object[] | null;
}

export class MessageShape extends InboundShape {
  @ApiProperty({ type: String, description: 'The message, read as UTF-8' }) text!: string;
  @ApiProperty({ type: String, format: 'byte' }) raw!: string;
}

export class ReplayedShape {
  @ApiProperty({ type: String, format: 'uuid', description: 'The message as it stands now: another id where its header can be read only now' }) inboundId!: string;
  @ApiProperty({ enum: ['AA', 'AE', 'AR'], description: 'AA: out of quarantine' }) answer!: string;
  @ApiProperty({ type: [Object], description: 'Why it stays there' }) reasons!: object[];
}

const page = (of: new () => object, name: string): new () => object => {
  class Page {
    items!: object[];
    nextCursor!: string | null;
  }
  ApiProperty({ type: () => [of] })(Page.prototype, 'items');
  ApiProperty({ type: String, nullable: true })(Page.prototype, 'nextCursor');
  Object.defineProperty(Page, 'name', { value: name });
  return Page;
};
export const PatientPageShape = page(PatientShape, 'PatientPage');
export class PairShape {
  @ApiProperty({ type: () => [PatientShape], description: 'Two records that stand' }) records!: PatientShape[];
  @ApiProperty({ type: [String], description: 'What is the same: name, birth-date, sex, phone' }) because!: string[];
}
export const PairPageShape = page(PairShape, 'PairPage');
export const LinePageShape = page(LineShape, 'PrescriptionPage');
export const TimelinePageShape = page(TimelineShape, 'TimelinePage');
export const InboundPageShape = page(InboundShape, 'InboundPage');
