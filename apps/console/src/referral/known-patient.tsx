import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { get, type Page } from '../api.js';
import { nameOf } from '../patient/name-of.js';
import type { PatientName } from '../shapes.js';
import { day } from '../time-words.js';

export interface FoundPatient extends PatientName {
  readonly recordAuthority: string | null;
}

interface KnownPatientProps {
  readonly chosen: { readonly id: string; readonly name: string } | null;
  readonly onChoose: (patient: FoundPatient | null) => void;
}

const words = (patient: FoundPatient): string => [nameOf(patient), patient.birthDate && `born ${day(patient.birthDate)}`, patient.recordNumber].filter(Boolean).join(', ');

/** Looks whether the patient is known here already. One without a number cannot be named to intake, and is not offered. */
export const KnownPatient = ({ chosen, onChoose }: KnownPatientProps) => {
  const [text, setText] = useState('');
  const [query] = useDebouncedValue(text.trim(), 200);
  const { data } = useQuery({ queryKey: ['patients', 'refer', query], enabled: query.length >= 2 && query !== chosen?.name, queryFn: () => get<Page<FoundPatient>>('/api/care-plan/patients', { query, limit: '10' }) });
  const found = (data?.items ?? []).filter(({ recordNumber, recordAuthority }) => recordNumber && recordAuthority);
  const options = [...(chosen && !found.some(({ id }) => id === chosen.id) ? [{ value: chosen.id, label: chosen.name }] : []), ...found.map((patient) => ({ value: patient.id, label: words(patient) }))];
  return (
    <Select
      label="Known here?"
      description="Name or record number. Leave it empty for somebody new."
      searchable
      clearable
      clearButtonProps={{ 'aria-label': 'Nobody who is known here' }}
      data={options}
      filter={({ options: all }) => all}
      value={chosen?.id ?? null}
      searchValue={text}
      onSearchChange={setText}
      onChange={(id) => onChoose(found.find((patient) => patient.id === id) ?? null)}
      nothingFoundMessage={query.length < 2 ? 'Type two letters or more' : 'Nobody found: fill in who it is'}
    />
  );
};
