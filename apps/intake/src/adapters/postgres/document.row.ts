import { Entity } from 'typeorm';
import type { DocumentState } from '../../domain/document.js';
import { VersionedRow } from './versioned.row.js';

@Entity({ name: 'document' })
export class DocumentRow extends VersionedRow<DocumentState> {}
