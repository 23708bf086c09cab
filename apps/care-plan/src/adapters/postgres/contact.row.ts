import { KeptRow } from '@throughline/platform/persistence/kept.row';
import { Entity } from 'typeorm';
import type { Contact } from '../../domain/facts.js';

@Entity({ name: 'contact' })
export class ContactRow extends KeptRow<Contact> {}
